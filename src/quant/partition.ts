// Cuts the network into units: what one program, or one CPU model, computes. sub_configs' ranges are units of their own; around them units are
// maximal convex sets: group after group, in canonical order, joins the first unit of its type that it can join without a path leaving that
// unit and coming back. Between units there is never a cycle.
import { Fault } from '../base/fault.ts';
import { itemsOf, type Item } from './items.ts';
import type { FusedGroup, FusedNetwork, UnitPlan } from './network.ts';
import { leadsTo, topological, type Before } from './order.ts';
import type { PlaceOfEntry } from './precision.ts';
import { rangesOf, type SubRange } from './ranges.ts';

export interface PartitionOptions {
  readonly ranges: readonly SubRange[];
  /** Of sub_configs. */
  readonly placeOf?: PlaceOfEntry | undefined;
}

export function partition(network: FusedNetwork, options: PartitionOptions): readonly UnitPlan[] {
  const { items, before } = itemsOf(network, rangesOf(network, options));
  const order = topological(before);
  if (order === undefined) throw waiting({ network, items, before, placeOf: options.placeOf });
  const units = join(items, before, order);
  const inOrder = topological(units.map((unit) => unit.before));
  if (inOrder === undefined) throw new Error('BUG: units form a cycle');
  return inOrder.map((u, n) => {
    const { type, subConfig, items: members } = units[u]!;
    const groups = members.flatMap((i) => items[i]!.groups).sort((a, b) => a - b).map((g) => network.groups[g]!);
    return planOf(network, { name: `subgraph_${type.toLowerCase()}_${n}`, type, groups, subConfig });
  });
}

interface Unit {
  readonly type: UnitPlan['type'];
  readonly subConfig: number | undefined;
  readonly items: number[];
  /** Units whose edges this one reads. */
  readonly before: Set<number>;
}

function join(items: readonly Item[], before: readonly Before[], order: readonly number[]): readonly Unit[] {
  const units: Unit[] = [];
  const unitOf = new Map<number, number>();
  for (const i of order) {
    const { type, subConfig } = items[i]!;
    const sources = new Set([...before[i]!].map((other) => unitOf.get(other)!));
    // Joining a unit that one of the sources waits for would close a circle.
    const isFree = (unit: Unit, u: number): boolean =>
      unit.type === type && unit.subConfig === undefined && [...sources].every((source) => source === u || !leadsTo(units.map((one) => one.before), u, source));
    const found = subConfig === undefined ? units.findIndex(isFree) : -1;
    const at = found < 0 ? units.push({ type, subConfig, items: [], before: new Set() }) - 1 : found;
    units[at]!.items.push(i);
    unitOf.set(i, at);
    for (const source of sources) if (source !== at) units[at]!.before.add(source);
  }
  return units;
}

function planOf(network: FusedNetwork, { groups, subConfig, ...unit }: Pick<UnitPlan, 'name' | 'type'> & { readonly groups: readonly FusedGroup[]; readonly subConfig: number | undefined }): UnitPlan {
  const names = new Set(groups.map((group) => group.name));
  const made = new Set(groups.flatMap((group) => group.outputs));
  const read = new Set(groups.flatMap((group) => group.inputs));
  const readElsewhere = new Set(network.groups.filter((group) => !names.has(group.name)).flatMap((group) => group.inputs));
  return {
    ...unit,
    groups: [...names],
    inputs: network.edges.filter((edge) => read.has(edge.name) && !made.has(edge.name)).map((edge) => edge.name),
    outputs: network.edges.filter((edge) => made.has(edge.name) && (edge.role === 'output' || readElsewhere.has(edge.name))).map((edge) => edge.name),
    ...(subConfig !== undefined && { subConfig }),
  };
}

interface CycleFacts {
  readonly network: FusedNetwork;
  readonly items: readonly Item[];
  readonly before: readonly Before[];
  readonly placeOf: PartitionOptions['placeOf'];
}

/** Ranges are convex one by one, so a cycle runs through several of them. */
function waiting({ network, items, before, placeOf }: CycleFacts): Fault {
  const isInCycle = (i: number): boolean => [...before[i]!].some((other) => leadsTo(before, i, other));
  const ranges = items.filter((item, i) => item.subConfig !== undefined && isInCycle(i));
  const place = placeOf?.(ranges[0]!.subConfig!);
  return new Fault({
    what: `sub_configs ${ranges.map((item) => `[${item.subConfig}]`).join(' and ')} wait for each other: each reads what another one writes`,
    facts: [
      ...ranges.map((item): [string, string] => [`[${item.subConfig}]`, item.groups.map((g) => network.groups[g]!.name).join(', ')]),
      ['try', 'one range that holds both, or ranges that end before the other begins'],
    ],
    ...(place && { place }),
    exit: 2,
  });
}
