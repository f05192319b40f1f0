// One model, several goals: a cell for each combination of the axes' values, less those excluded, plus those included.
import { nearest, type Fault } from '../base/fault.ts';
import { faultAt } from './faults.ts';
import { includeKeys, matrixKeys } from './manifest-keys.ts';
import type { Setting } from './merge.ts';
import { listAt, mapAt, settingOf, tagsAt, textAt } from './shape.ts';
import { entryOf, valueOf, type Entry, type Mapping, type Span, type Tree } from './tree.ts';

export interface Cell {
  /** '' for the only cell of a model without a matrix. */
  readonly name: string;
  readonly settings: readonly Setting[];
  readonly tags: readonly string[];
}

/** A value of an axis, and its part of a cell's name. */
interface Choice {
  readonly name: string;
  readonly value: Tree;
}

interface Axis {
  readonly path: string;
  readonly at: Span;
  readonly choices: readonly Choice[];
  /** Its choices have names of their own, which include and exclude may use. */
  readonly isNamed: boolean;
}

type Combination = ReadonlyMap<Axis, Choice>;

/** `excludes`: every entry of exclude that was read, and whether it left out a cell of any model. */
export interface MatrixReading {
  readonly faults: Fault[];
  readonly excludes: Map<Tree, boolean>;
}

/** The cells in the order of their values, the last axis fastest, then those of include. `model`: for faults. */
export function cellsOf(tree: Tree | undefined, { model, at }: { model: string; at: Span }, reading: MatrixReading): readonly Cell[] {
  const { faults } = reading;
  const isNone = tree === undefined || (tree.kind === 'scalar' && (tree.value === false || tree.value === null));
  const matrix = isNone ? undefined : mapAt(tree, 'matrix', faults);
  if (matrix === undefined || matrix.entries.length === 0) return [{ name: '', settings: [], tags: [] }];
  const axes = matrix.entries.filter(({ key }) => !Object.hasOwn(matrixKeys, key)).map((entry) => readAxis(entry, faults)).filter(({ choices }) => choices.length > 0);
  const kept = excluded(matrix, { axes, combinations: combine(axes) }, reading);
  const cells = included(matrix, { axes, kept, faults });
  if (cells.length === 0 && faults.length === 0) faults.push(faultAt(at, `the matrix leaves no cell of ${model}`));
  return withOwnNames(cells, { model, faults });
}

function readAxis({ key: path, keySpan: at, value }: Entry, faults: Fault[]): Axis {
  if (value.kind === 'map') return { path, at, isNamed: true, choices: value.entries.map((entry) => ({ name: partOf(entry.key), value: entry.value })) };
  if (value.kind === 'scalar' && value.value !== null) {
    faults.push(faultAt(value.span, `the axis ${path} takes a list of values, or a map from names to values`, [['try', `[${String(value.value)}]`]]));
  }
  const items = value.kind === 'list' ? value.items : [];
  return { path, at, isNamed: false, choices: items.map((item, i) => ({ name: nameOf(item, { path, i }), value: item })) };
}

/** A text names itself; numbers and truths say of what. What has no short text is known by its number in the list. */
function nameOf(value: Tree, { path, i }: { path: string; i: number }): string {
  const field = path.slice(path.lastIndexOf('.') + 1);
  if (value.kind === 'scalar') return typeof value.value === 'string' && value.value !== '' ? partOf(value.value) : `${partOf(field)}=${partOf(String(value.value))}`;
  const items = value.kind === 'list' ? value.items : [];
  const isPlain = items.length > 0 && items.every((item) => item.kind === 'scalar');
  return `${partOf(field)}=${isPlain ? items.map((item) => partOf(String(valueOf(item)))).join('+') : `${i}`}`;
}

/** Safe in a command line and as the name of a folder. Of a path, the file's name says enough. */
function partOf(text: string): string {
  return text.replace(/^.*\/(?=[^/]+$)/, '').replace(/[^\w.+=]+/g, '_').replace(/^\./, '_') || '_';
}

function combine(axes: readonly Axis[]): readonly Combination[] {
  if (axes.length === 0) return [];
  return axes.reduce<readonly Combination[]>((all, axis) => all.flatMap((one) => axis.choices.map((choice) => new Map([...one, [axis, choice]]))), [new Map()]);
}

function excluded(matrix: Mapping, { axes, combinations }: { axes: readonly Axis[]; combinations: readonly Combination[] }, { faults, excludes }: MatrixReading): readonly Combination[] {
  const entries = listAt(entryOf(matrix, 'exclude')?.value, 'exclude', faults).flatMap((tree) => {
    const map = mapAt(tree, 'an entry of exclude', faults);
    for (const { key, keySpan } of map.entries) {
      if (axes.some(({ path }) => path === key)) continue;
      const known = axes.map(({ path }) => path);
      const near = nearest(key, known);
      faults.push(faultAt(keySpan, `"${key}" is no axis of this matrix`, [['axes', known.join(', ') || 'none'], ...(near === undefined ? [] : [['try', near] as const])]));
    }
    if (!excludes.has(tree)) excludes.set(tree, map.entries.length === 0);
    return map.entries.length === 0 ? [] : [{ tree, wanted: map.entries }];
  });
  return combinations.filter((combination) => {
    const by = entries.filter(({ wanted }) => wanted.every((entry) => isIn(combination, entry)));
    for (const { tree } of by) excludes.set(tree, true);
    return by.length === 0;
  });
}

interface Draft {
  readonly combination: Combination;
  readonly more: Setting[];
  readonly tags: string[];
  name?: { readonly text: string; readonly at: Span };
  /** Where a cell that only include has stands. */
  readonly at: Span;
}

function included(matrix: Mapping, { axes, kept, faults }: { axes: readonly Axis[]; kept: readonly Combination[]; faults: Fault[] }): readonly Draft[] {
  const own = kept.map((combination): Draft => ({ combination, more: [], tags: [], at: matrix.span }));
  const added: Draft[] = [];
  for (const tree of listAt(entryOf(matrix, 'include')?.value, 'include', faults)) {
    const { entries } = mapAt(tree, 'an entry of include', faults);
    const isAxis = ({ key }: Entry): boolean => axes.some(({ path }) => path === key);
    const wanted = entries.filter(isAxis);
    const settings = entries.filter((entry) => !isAxis(entry) && !Object.hasOwn(includeKeys, entry.key)).map(settingOf);
    const fitting = own.filter(({ combination }) => wanted.every((entry) => isIn(combination, entry)));
    if (fitting.length === 0) {
      const fresh: Draft = { combination: combinationOf(wanted, axes), more: [], tags: [], at: tree.span };
      added.push(fresh);
      fitting.push(fresh);
    }
    const name = nameIn(entries, faults);
    for (const draft of fitting) {
      draft.more.push(...settings);
      draft.tags.push(...tagsAt(entries.find(({ key }) => key === 'tags')?.value, faults));
      if (name !== undefined) draft.name = name;
    }
  }
  return [...own, ...added];
}

function nameIn(entries: readonly Entry[], faults: Fault[]): Draft['name'] {
  const entry = entries.find(({ key }) => key === 'name');
  const text = textAt(entry?.value, 'name', faults);
  if (entry === undefined || text === undefined) return undefined;
  if (!/^[A-Za-z0-9][\w.+=-]*$/.test(text)) faults.push(faultAt(entry.value.span, `"${text}" can't be the name of a cell`, [['names', 'letters, digits, _ - . + and = after a letter or digit']]));
  return { text, at: entry.value.span };
}

function isIn(combination: Combination, { key, value }: Entry): boolean {
  return [...combination].some(([axis, choice]) => axis.path === key && isChosen(axis, choice, value));
}

function isChosen({ isNamed }: Axis, choice: Choice, wanted: Tree): boolean {
  return JSON.stringify(valueOf(choice.value)) === JSON.stringify(valueOf(wanted)) || (isNamed && valueOf(wanted) === choice.name);
}

/** Values that no cell has together: those that an axis knows, and others, which it doesn't. */
function combinationOf(wanted: readonly Entry[], axes: readonly Axis[]): Combination {
  return new Map(axes.flatMap((axis) => {
    const entry = wanted.find(({ key }) => key === axis.path);
    if (entry === undefined) return [];
    const known = axis.choices.find((choice) => isChosen(axis, choice, entry.value));
    return [[axis, known ?? { name: nameOf(entry.value, { path: axis.path, i: axis.choices.length }), value: entry.value }] as const];
  }));
}

function withOwnNames(drafts: readonly Draft[], { model, faults }: { model: string; faults: Fault[] }): readonly Cell[] {
  const taken = new Set<string>();
  return drafts.map(({ combination, more, tags, name, at }) => {
    const values = [...combination.values()];
    const parts = values.length > 0 ? values.map((choice) => choice.name) : more.map(({ path, value }) => nameOf(value, { path, i: 0 }));
    const text = name?.text ?? parts.join('-');
    if (text === '') faults.push(faultAt(at, 'this cell has neither a value nor a name', [['try', 'name: plain']]));
    else if (taken.has(text)) faults.push(faultAt(name?.at ?? at, `two cells of ${model} are named ${text}`, [['try', 'a name for each, in include'], ['or', 'names for the values of an axis: { plain: [], precise: [ … ] }']]));
    taken.add(text);
    const settings = [...combination].map(([{ path, at: axisAt }, { value }]) => ({ path, at: axisAt, value }));
    return { name: text, settings: [...settings, ...more], tags };
  });
}
