// A manifest over the one that it extends, and that over the next: one tree, in which each value knows its own file.
import { dirname, join, resolve } from 'node:path';
import { Fault, type Place } from '../base/fault.ts';
import { faultAt } from './faults.ts';
import { mergeTrees } from './merge.ts';
import { readConfigFile } from './read.ts';
import { entryOf, placeOfSpan, type Mapping, type Tree } from './tree.ts';

export interface Extended {
  readonly tree: Mapping;
  /** All that were read, absolute, its own first. */
  readonly files: readonly string[];
}

/** `file`: as faults call it. `from`: where it is named. `inside`: those that it is a base of, which it may not extend in turn. */
export function readExtended(file: string, { path, from, inside = [] }: { path: string; from?: Place; inside?: readonly { path: string; file: string }[] }): Extended {
  const first = inside.findIndex((one) => one.path === path);
  if (first >= 0) {
    const names = [...inside.slice(first).map((one) => one.file), file];
    throw new Fault({ exit: 2, ...(from && { place: from }), what: `${file} extends itself`, facts: [['chain', names.join(' -> ')]] });
  }
  const own = readConfigFile(path, { file, folder: dirname(path), ...(from && { from }) });
  if (own.kind !== 'map') throw faultAt(own.span, 'a manifest is a map');
  const base = entryOf(own, 'extends');
  if (base === undefined) return { tree: own, files: [path] };
  const name = fileName(base.value);
  const under = readExtended(join(dirname(file), name), { path: resolve(dirname(path), name), from: placeOfSpan(base.value.span), inside: [...inside, { path, file }] });
  const over = { ...own, entries: own.entries.filter((entry) => entry !== base) };
  return { tree: { ...own, entries: mergeMaps(under.tree, over).entries }, files: [path, ...under.files] };
}

function fileName(tree: Tree): string {
  if (tree.kind === 'scalar' && typeof tree.value === 'string' && tree.value !== '') return tree.value;
  throw faultAt(tree.span, 'extends takes the file of another manifest', [['like', 'extends: ../axbuild.yaml']]);
}

function mergeMaps(under: Mapping, over: Mapping): Mapping {
  const merged = mergeTrees(under, over);
  if (merged.kind !== 'map') throw new Error('BUG: two maps make a map');
  return merged;
}
