// Layers of settings laid over each other as trees, before anything is checked: the check then sees what is in force, each value
// with the place it was written at. Maps merge key by key; lists and scalars replace.
import { faultAt } from './faults.ts';
import { emptyMap, entryOf, type Entry, type Mapping, type Span, type Tree } from './tree.ts';

/** One setting for a dotted path such as quant.layer_configs[2].data_type; `at` is where the path was written. */
export interface Setting {
  readonly path: string;
  readonly at: Span;
  readonly value: Tree;
}

export function applySettings(tree: Tree, settings: readonly Setting[]): Tree {
  return settings.reduce((under, { path, at, value }) => setAt(under, stepsOf(path, at), { at, value }), tree);
}

/** `over` on top of `under`. */
export function mergeTrees(under: Tree, over: Tree): Tree {
  if (under.kind !== 'map' || over.kind !== 'map') return over;
  const kept = under.entries.map((entry) => {
    const above = entryOf(over, entry.key);
    return above === undefined ? entry : { ...above, value: mergeTrees(entry.value, above.value) };
  });
  return { ...under, entries: [...kept, ...over.entries.filter(({ key }) => entryOf(under, key) === undefined)] };
}

/** The entries of `over`, then those of `under` that it lacks: what a sub_config inherits. */
export function inherit(over: Mapping, under: Mapping, except: readonly string[]): Mapping {
  const missing = under.entries.filter(({ key }) => entryOf(over, key) === undefined && !except.includes(key));
  return { ...over, entries: [...over.entries, ...missing] };
}

type Step = string | number;

function stepsOf(path: string, at: Span): readonly Step[] {
  const steps: Step[] = [];
  for (const part of path.split('.')) {
    const [, name, indices] = /^(\w+)((?:\[\d+\])*)$/.exec(part) ?? [];
    if (name === undefined || indices === undefined) throw faultAt(at, `"${path}" is no path of a setting`, [['like', 'quant.layer_configs[0].data_type']]);
    steps.push(name, ...[...indices.matchAll(/\d+/g)].map(([digits]) => Number(digits)));
  }
  return steps;
}

function setAt(under: Tree | undefined, steps: readonly Step[], { at, value }: Omit<Setting, 'path'>): Tree {
  const [step, ...rest] = steps;
  if (step === undefined) return under === undefined ? value : mergeTrees(under, value);
  if (typeof step === 'number') {
    const items = under?.kind === 'list' ? under.items : [];
    if (under?.kind !== 'list' || step >= items.length) {
      throw faultAt(at, `there is no entry [${step}] to override`, [['entries', String(items.length)]]);
    }
    return { ...under, items: items.map((item, i) => (i === step ? setAt(item, rest, { at, value }) : item)) };
  }
  const map: Mapping = under?.kind === 'map' ? under : { ...emptyMap(''), span: at };
  const before = entryOf(map, step);
  const entry: Entry = { key: step, keySpan: at, value: setAt(before?.value, rest, { at, value }) };
  return { ...map, entries: before === undefined ? [...map.entries, entry] : map.entries.map((other) => (other === before ? entry : other)) };
}
