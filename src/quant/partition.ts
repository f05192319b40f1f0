// Cuts the network into units: what one program, or one CPU model, computes. sub_configs' ranges are units of their own; around them units are
// maximal convex sets: group after group, in canonical order, joins the first unit of its type that it can join without a path leaving that
// unit and coming back. Between units there is never a cycle.
import type { Place } from '../base/fault.ts';
import { Fault } from '../base/fault.ts';
import type { FusedGroup, FusedNetwork, UnitPlan } from './network.ts';
import { rangesOf, type SubRange } from './ranges.ts';

export interface PartitionOptions {
  readonly ranges: readonly SubRange[];
  /** Where sub_config `index` stands in the user's file. */
  readonly placeOf?: ((index: number) => Place | undefined) | undefined;
}

/** What is placed as a whole: a range, or a group with the quantize and dequantize groups that hang on it. */
interface Item {
  readonly type: UnitPlan['type'];
  readonly groups: readonly number[];
  readonly subConfig?: number;
}

export function partition(network: FusedNetwork, options: PartitionOptions): readonly UnitPlan[] {
  const { groups } = network;
  const ranges = rangesOf(network, options);
  const items = itemsOf(network, ranges);
  const itemOf = new Map(items.flatMap((item, i) => item.groups.map((group) => [group, i] as const)));
  const before = predecessors(network);
  const itemsBefore = items.map((item, i) => new Set(item.groups.flatMap((group) => before[group]!).map((group) => itemOf.get(group)!).filter((other) => other !== i)));

  const units: { type: Item['type']; subConfig?: number; items: number[] }[] = [];
  const unitsBefore: Set<number>[] = [];
  const unitOf = new Map<number, number>();
  for (const i of topological(itemsBefore, () => refuseCycle(itemsBefore, { items, network, placeOf: options.placeOf }))) {
    const item = items[i]!;
    const sources = new Set([...itemsBefore[i]!].map((other) => unitOf.get(other)!));
    const reachesSource = (unit: number): boolean => [...sources].some((source) => source !== unit && leadsTo(unitsBefore, unit, source));
    let unit = item.subConfig !== undefined ? -1 : units.findIndex((one, u) => one.type === item.type && one.subConfig === undefined && !reachesSource(u));
    if (unit < 0) {
      unit = units.length;
      unitsBefore.push(new Set());
      units.push({ type: item.type, items: [], ...(item.subConfig !== undefined && { subConfig: item.subConfig }) });
    }
    units[unit]!.items.push(i);
    unitOf.set(i, unit);
    for (const source of sources) if (source !== unit) unitsBefore[unit]!.add(source);
  }

  const members = units.map((unit) => unit.items.flatMap((i) => items[i]!.groups).sort((a, b) => a - b));
  // Units in topological order; of those that could come next, the one with the first group.
  const byFirst = units.map((_, u) => u).sort((a, b) => members[a]![0]! - members[b]![0]!);
  const rank = new Map(byFirst.map((u, i) => [u, i]));
  const order = topological(byFirst.map((u) => new Set([...unitsBefore[u]!].map((other) => rank.get(other)!))), () => { throw new Error('BUG: units form a cycle'); });
  return order.map((at, n) => {
    const unit = units[byFirst[at]!]!;
    return planOf(network, { n, type: unit.type, groups: members[byFirst[at]!]!.map((g) => groups[g]!), subConfig: unit.subConfig });
  });
}

/** Whether `from` comes before `to`, directly or through others, or is the same. */
function leadsTo(before: readonly ReadonlySet<number>[], from: number, to: number): boolean {
  const seen = new Set([to]);
  for (const at of seen) {
    if (at === from) return true;
    before[at]!.forEach((other) => seen.add(other));
  }
  return false;
}

/** A quantize group belongs to its first reader and a dequantize group to its producer, whatever the order: alone they would cut or cross. */
function itemsOf({ groups }: FusedNetwork, ranges: readonly { readonly index: number; readonly groups: ReadonlySet<string> }[]): readonly Item[] {
  const hosts = groups.map((group, g) => hostOf(groups, group) ?? g);
  const rangeOf = (g: number): number => ranges.findIndex((range) => range.groups.has(groups[g]!.name));
  const items = new Map<string, { type: Item['type']; groups: number[]; subConfig?: number }>();
  groups.forEach((group, g) => {
    const range = rangeOf(g);
    // What a range leaves out stays out of it.
    const host = range < 0 && rangeOf(hosts[g]!) < 0 ? hosts[g]! : g;
    const key = range < 0 ? `group ${host}` : `range ${range}`;
    const item = items.get(key) ?? { type: group.kind === 'cpu' ? 'CPU' : 'NPU', groups: [], ...(range >= 0 && { subConfig: ranges[range]!.index }) };
    item.groups.push(g);
    items.set(key, item);
  });
  return [...items.values()];
}

/** Its first reader, or its producer. With a later reader a path could lead from the one to the other around both. */
function hostOf(groups: readonly FusedGroup[], { kind, nodes, inputs, outputs }: FusedGroup): number | undefined {
  if (nodes.length > 0) return undefined;
  const host = kind === 'quantize'
    ? groups.findIndex((other) => other.nodes.length > 0 && other.inputs.includes(outputs[0]!))
    : groups.findIndex((other) => other.outputs.includes(inputs[0]!));
  return host < 0 || groups[host]!.kind === 'cpu' ? undefined : hostOf(groups, groups[host]!) ?? host;
}

function predecessors({ groups }: FusedNetwork): readonly (readonly number[])[] {
  const producer = new Map(groups.flatMap((group, g) => group.outputs.map((edge) => [edge, g] as const)));
  return groups.map(({ inputs }) => inputs.flatMap((edge) => producer.get(edge) ?? []));
}

/** Indices so that each comes after all before it; the smallest that is ready goes first. */
function topological(before: readonly ReadonlySet<number>[], onCycle: () => never): readonly number[] {
  const order: number[] = [];
  const done = new Set<number>();
  while (order.length < before.length) {
    const next = before.findIndex((sources, i) => !done.has(i) && [...sources].every((source) => done.has(source)));
    if (next < 0) return onCycle();
    done.add(next);
    order.push(next);
  }
  return order;
}

interface CycleFacts {
  readonly items: readonly Item[];
  readonly network: FusedNetwork;
  readonly placeOf: PartitionOptions['placeOf'];
}

/** Ranges are convex one by one, so a cycle runs through several of them. */
function refuseCycle(itemsBefore: readonly ReadonlySet<number>[], { items, network, placeOf }: CycleFacts): never {
  const isInCycle = (i: number): boolean => [...itemsBefore[i]!].some((other) => leadsTo(itemsBefore, i, other));
  const ranges = items.filter((item, i) => item.subConfig !== undefined && isInCycle(i));
  const place = placeOf?.(ranges[0]!.subConfig!);
  throw new Fault({
    what: `sub_configs ${ranges.map((item) => `[${item.subConfig}]`).join(' and ')} wait for each other: each reads what another one writes`,
    facts: [
      ...ranges.map((item): [string, string] => [`[${item.subConfig}]`, item.groups.map((g) => network.groups[g]!.name).join(', ')]),
      ['try', 'one range that holds both, or ranges that end before the other begins'],
    ],
    ...(place && { place }),
    exit: 2,
  });
}

function planOf(network: FusedNetwork, { n, type, groups, subConfig }: { n: number; type: UnitPlan['type']; groups: readonly FusedGroup[]; subConfig: number | undefined }): UnitPlan {
  const names = new Set(groups.map((group) => group.name));
  const made = new Set(groups.flatMap((group) => group.outputs));
  const read = new Set(groups.flatMap((group) => group.inputs));
  const readElsewhere = new Set(network.groups.filter((group) => !names.has(group.name)).flatMap((group) => group.inputs));
  return {
    name: `subgraph_${type.toLowerCase()}_${n}`,
    type,
    groups: groups.map((group) => group.name),
    inputs: network.edges.filter((edge) => read.has(edge.name) && !made.has(edge.name)).map((edge) => edge.name),
    outputs: network.edges.filter((edge) => made.has(edge.name) && (edge.role === 'output' || readElsewhere.has(edge.name))).map((edge) => edge.name),
    ...(subConfig !== undefined && { subConfig }),
  };
}
