// Edges that share one range and one type, because a group between them copies codes (concat, max pool, resize, reshape …): union-find over
// the network. An edge whose codes are fixed beforehand (softmax: [0, 1], always) can't follow the others: it stays alone, its readers in a
// class requantise it on entry, and its range still counts in theirs.
import type { FusedGroup, FusedNetwork } from './network.ts';

export interface EdgeClass {
  /** Names in canonical order; the first one stands for the class. */
  readonly edges: readonly string[];
  /** Fixed edges that groups of this class copy from. */
  readonly sources: readonly string[];
  readonly isFixed: boolean;
}

/** The class of every edge that carries codes. */
export function classesOf(network: FusedNetwork, isFixed: (group: FusedGroup) => boolean): ReadonlyMap<string, EdgeClass> {
  const fixed = new Set(network.groups.filter(isFixed).flatMap((group) => group.outputs));
  const parent = new Map(network.edges.filter((edge) => edge.dtype === undefined).map((edge) => [edge.name, edge.name]));
  const rootOf = (name: string): string => {
    const up = parent.get(name);
    if (up === undefined) throw new Error(`BUG: edge "${name}" carries no codes`);
    if (up === name) return name;
    const root = rootOf(up);
    parent.set(name, root);
    return root;
  };
  const sharing = network.groups.filter((group) => group.draft?.shares === true);
  for (const { inputs, outputs } of sharing) {
    for (const input of inputs) if (!fixed.has(input)) parent.set(rootOf(input), rootOf(outputs[0]!));
  }

  const members = new Map<string, { edges: string[]; sources: string[]; isFixed: boolean }>();
  for (const name of parent.keys()) {
    const root = rootOf(name);
    const own = members.get(root) ?? { edges: [], sources: [], isFixed: fixed.has(name) };
    own.edges.push(name);
    members.set(root, own);
  }
  for (const { inputs, outputs } of sharing) {
    members.get(rootOf(outputs[0]!))!.sources.push(...inputs.filter((input) => fixed.has(input)));
  }
  return new Map([...parent.keys()].map((name) => [name, members.get(rootOf(name))!]));
}
