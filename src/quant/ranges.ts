// compiler.sub_configs: the groups on the paths from start tensors to end tensors, each range a unit of its own. Several entries and exits
// are fine; what a range may not do is leave and come back, by its own end and start tensors or through a group on the CPU.
import { Fault, Faults, nearest, type FaultParts } from '../base/fault.ts';
import type { FusedGroup, FusedNetwork } from './network.ts';
import { onPaths, pathBetween } from './paths.ts';
import type { PlaceOfEntry } from './precision.ts';

export interface SubRange {
  readonly start: readonly string[];
  readonly end: readonly string[];
  /** Its index in sub_configs. */
  readonly index: number;
}

export interface RangeGroups {
  readonly index: number;
  readonly groups: ReadonlySet<string>;
}

type Facts = NonNullable<FaultParts['facts']>;
type Refuse = (what: string, facts: Facts, name?: string) => void;

/** Throws a Fault (or all of them) on ranges that can't be. */
export function rangesOf(network: FusedNetwork, { ranges, placeOf }: { readonly ranges: readonly SubRange[]; readonly placeOf?: PlaceOfEntry | undefined }): readonly RangeGroups[] {
  const faults: Fault[] = [];
  const refuseAt = (index: number): Refuse => (what, facts, name) => {
    const place = placeOf?.(index, name);
    faults.push(new Fault({ what: `sub_configs[${index}] ${what}`, facts, ...(place && { place }), exit: 2 }));
  };
  const found = ranges.map((range): RangeGroups => ({ index: range.index, groups: groupsOf(network, range, refuseAt(range.index)) }));
  found.forEach(({ index, groups }, i) => {
    for (const other of found.slice(0, i)) {
      const shared = network.groups.filter(({ name }) => groups.has(name) && other.groups.has(name)).map(({ name }) => name);
      if (shared.length > 0) refuseAt(index)(`overlaps sub_configs[${other.index}]`, [['both hold', shared.join(', ')], ['try', 'ranges without a group in common']]);
    }
  });
  if (faults.length === 1) throw faults[0]!;
  if (faults.length > 1) throw new Faults(faults);
  return found;
}

function groupsOf(network: FusedNetwork, range: SubRange, refuse: Refuse): ReadonlySet<string> {
  const none = new Set<string>();
  if (range.start.length === 0 || range.end.length === 0) {
    refuse(`has no ${range.start.length === 0 ? 'start' : 'end'}_tensor_names`, [['try', 'both: a range leads from start tensors to end tensors']]);
    return none;
  }
  const [start, end] = [range.start, range.end].map((names) => names.map((name) => edgeNamed(network, name, refuse)));
  const isFound = (name: string | undefined): name is string => name !== undefined;
  if (!start!.every(isFound) || !end!.every(isFound)) return none;

  const members = onPaths(network.groups, { start, end });
  const inside = new Set(members.filter((group) => group.kind !== 'cpu').map((group) => group.name));
  if (inside.size === 0) {
    refuse(`holds no group of the NPU: ${members.length === 0 ? 'no path leads' : 'only the CPU lies on the paths'} from ${quoted(range.start)} to ${quoted(range.end)}`, [['try', 'start_tensor_names above end_tensor_names']]);
    return none;
  }
  // What the user calls an end may not lead to what the user calls a start: between the two lies what is meant to be outside.
  const back = pathBetween(network.groups, { start: end, end: new Set(start) }) ?? detour(network.groups, inside);
  if (back !== undefined) {
    refuse('leaves its range and comes back', [['path', back.join(' -> ')], ['try', 'two ranges, or one that ends before this path leaves it']]);
    return none;
  }
  return inside;
}

/** A path from a group inside to a group inside through one outside; only CPU groups lie on paths and outside. */
function detour(groups: readonly FusedGroup[], inside: ReadonlySet<string>): readonly string[] | undefined {
  const outside = groups.filter((group) => !inside.has(group.name));
  const members = groups.filter((group) => inside.has(group.name));
  return pathBetween(outside, { start: members.flatMap((group) => group.outputs), end: new Set(members.flatMap((group) => group.inputs)) });
}

/** The edge of a name: its own, or its producer's vendor-style alias with _out behind. */
function edgeNamed({ edges, groups }: FusedNetwork, name: string, refuse: Refuse): string | undefined {
  if (edges.some((edge) => edge.name === name)) return name;
  const aliased = groups.find((group) => `${group.alias}_out` === name);
  if (aliased !== undefined) return aliased.outputs[0];
  const holder = groups.find((group) => group.inner?.includes(name));
  if (holder !== undefined) {
    refuse(`names tensor "${name}", which is inside of a group`, [['group', `${holder.name} (${holder.alias}) computes ${holder.nodes.join(', ')} as one`], ['try', holder.outputs[0]!]], name);
    return undefined;
  }
  const near = nearest(name, [...edges.map((edge) => edge.name), ...groups.map((group) => `${group.alias}_out`)]);
  refuse(`names tensor "${name}", which the quantised network does not have`, [
    ['names', 'are those of frontend/optimized_quant_axmodel.onnx (--debug.dump_frontend_graph)'],
    ...(near === undefined ? [] : [['try', near] as const]),
  ], name);
  return undefined;
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
