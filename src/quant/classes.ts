// Edges that share one range and one type, because a group between them copies codes (concat, max pool, resize, reshape …): union-find over
// the network.
import type { FusedNetwork } from './network.ts';

/** Names of edges in canonical order; the first one stands for the class. */
export type EdgeClass = readonly string[];

/** The class of every edge that carries codes; most are alone in theirs. */
export function classesOf(network: FusedNetwork): ReadonlyMap<string, EdgeClass> {
  const parent = new Map(network.edges.filter((edge) => edge.dtype === undefined).map((edge) => [edge.name, edge.name]));
  const rootOf = (name: string): string => {
    const up = parent.get(name);
    if (up === undefined) throw new Error(`BUG: edge "${name}" carries no codes`);
    if (up === name) return name;
    const root = rootOf(up);
    parent.set(name, root);
    return root;
  };
  for (const { draft, inputs, outputs } of network.groups) {
    if (draft?.shares === true) for (const input of inputs) parent.set(rootOf(input), rootOf(outputs[0]!));
  }
  const members = new Map<string, string[]>();
  for (const name of parent.keys()) {
    const root = rootOf(name);
    members.set(root, [...(members.get(root) ?? []), name]);
  }
  return new Map([...parent.keys()].map((name) => [name, members.get(rootOf(name))!]));
}
