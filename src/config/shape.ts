// Reading a tree that must be a map, a list or a text: what it is, or the fault and something empty.
import type { Fault } from '../base/fault.ts';
import { faultAt, unknownKey, wrongType } from './faults.ts';
import type { Setting } from './merge.ts';
import { emptyMap, type Entry, type List, type Mapping, type Tree } from './tree.ts';

/** An empty YAML value counts as an empty map. */
export function mapAt(tree: Tree | undefined, name: string, faults: Fault[]): Mapping {
  if (tree?.kind === 'map') return tree;
  if (tree !== undefined && !isEmpty(tree)) faults.push(faultAt(tree.span, `${name} is a map`));
  return emptyMap('');
}

/** An empty YAML value counts as an empty list. */
export function listAt(tree: Tree | undefined, name: string, faults: Fault[]): List['items'] {
  if (tree?.kind === 'list') return tree.items;
  if (tree !== undefined && !isEmpty(tree)) faults.push(faultAt(tree.span, `${name} is a list`));
  return [];
}

export function textAt(tree: Tree | undefined, name: string, faults: Fault[]): string | undefined {
  if (tree === undefined) return undefined;
  if (tree.kind === 'scalar' && typeof tree.value === 'string') return tree.value;
  faults.push(wrongType(name, { field: { type: 'string', about: '' }, tree }));
  return undefined;
}

/** A list of words, or one of them alone. */
export function tagsAt(tree: Tree | undefined, faults: Fault[]): readonly string[] {
  const items = tree?.kind === 'scalar' && tree.value !== null ? [tree] : listAt(tree, 'tags', faults);
  return items.flatMap((item) => {
    const tag = textAt(item, 'a tag', faults);
    if (tag !== undefined && !/^[\w.-]+$/.test(tag)) faults.push(faultAt(item.span, `"${tag}" can't be a tag`, [['tags', 'letters, digits, _ - and .']]));
    return tag ?? [];
  });
}

export function knownKeys({ entries }: Mapping, { known, parent }: { known: Readonly<Record<string, string>>; parent: string }, faults: Fault[]): void {
  for (const { key, keySpan } of entries) {
    if (!Object.hasOwn(known, key)) faults.push(unknownKey(key, keySpan, { parent, known: Object.keys(known), homes: [] }));
  }
}

export function settingOf({ key, keySpan, value }: Entry): Setting {
  return { path: key, at: keySpan, value };
}

function isEmpty(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.value === null;
}
