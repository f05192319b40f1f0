// What partition places as a whole: a range, or a group together with the quantize and dequantize groups that hang on it. Alone these would
// be cut off, or be computed far from who reads them.
import type { FusedGroup, FusedNetwork, UnitPlan } from './network.ts';
import type { Before } from './order.ts';
import type { RangeGroups } from './ranges.ts';

export interface Item {
  readonly type: UnitPlan['type'];
  /** Indices into the network's groups. */
  readonly groups: readonly number[];
  readonly subConfig: number | undefined;
}

/** Items in the order of their first groups, and which items each one waits for. */
export function itemsOf({ groups }: FusedNetwork, ranges: readonly RangeGroups[]): { readonly items: readonly Item[]; readonly before: readonly Before[] } {
  const rangeOf = (g: number): RangeGroups | undefined => ranges.find((range) => range.groups.has(groups[g]!.name));
  const items = new Map<string, { type: Item['type']; groups: number[]; subConfig: number | undefined }>();
  groups.forEach((group, g) => {
    const range = rangeOf(g);
    const host = hostOf(groups, group);
    // What a range leaves out stays out of it.
    const key = range !== undefined ? `range ${range.index}` : `group ${host === undefined || rangeOf(host) !== undefined ? g : host}`;
    const item = items.get(key) ?? { type: group.kind === 'cpu' ? 'CPU' : 'NPU', groups: [], subConfig: range?.index };
    item.groups.push(g);
    items.set(key, item);
  });

  const list = [...items.values()];
  const itemOf = new Map(list.flatMap((item, i) => item.groups.map((g) => [g, i] as const)));
  const producer = new Map(groups.flatMap(({ outputs }, g) => outputs.map((edge) => [edge, g] as const)));
  const before = list.map((item, i) => {
    const sources = item.groups.flatMap((g) => groups[g]!.inputs.flatMap((edge) => producer.get(edge) ?? []));
    return new Set(sources.map((g) => itemOf.get(g)!).filter((other) => other !== i));
  });
  return { items: list, before };
}

/** Its first reader, or its producer. With a later reader a path could lead from the one to the other around both. */
function hostOf(groups: readonly FusedGroup[], { nodes, inputs, outputs }: FusedGroup): number | undefined {
  if (nodes.length > 0) return undefined;
  const producer = groups.findIndex((other) => other.outputs.includes(inputs[0]!));
  const host = producer >= 0 ? producer : groups.findIndex((other) => other.nodes.length > 0 && other.inputs.includes(outputs[0]!));
  return host < 0 || groups[host]!.kind === 'cpu' ? undefined : (hostOf(groups, groups[host]!) ?? host);
}
