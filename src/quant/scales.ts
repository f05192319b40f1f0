// Type and range of every edge, then its scale and zero (docs/integer-spec.md §1). Ranges depend on the float network alone, types on the
// precision asked for: changing one type moves no range.
import { Fault } from '../base/fault.ts';
import { roundHalfEven } from '../base/real.ts';
import { functionOf } from '../ops/functions.ts';
import type { Quant } from '../ops/group.ts';
import { classesOf, type EdgeClass } from './classes.ts';
import type { Method, Range } from './methods/index.ts';
import type { FusedGroup, FusedNetwork } from './network.ts';
import type { ComputeType } from './precision.ts';
import type { Sketch } from './sketch.ts';

export interface Scales {
  readonly classes: ReadonlyMap<string, EdgeClass>;
  type(edge: string): ComputeType;
  /** Widened to hold 0; the union of its class. */
  range(edge: string): Range;
}

export interface ScalesInputs {
  readonly network: FusedNetwork;
  readonly sketch: Sketch;
  readonly method: Method;
  readonly fusesChain: (kind: string) => boolean;
  readonly types: ReadonlyMap<string, ComputeType>;
}

export function scalesOf({ network, sketch, method, fusesChain, types }: ScalesInputs): Scales {
  // A head that fixes its range and has no epilogue to rescale with can write no other codes.
  const isFixed = (group: FusedGroup): boolean => group.draft?.range !== undefined && !fusesChain(group.kind);
  const classes = classesOf(network, isFixed);
  const producers = new Map(network.groups.flatMap((group) => group.outputs.map((edge) => [edge, group] as const)));
  const tensors = new Map(network.edges.map((edge) => [edge.name, edge.tensor]));
  const rangeOf = (edge: string): Range => {
    const known = knownRange(producers.get(edge));
    if (known !== undefined) return known;
    const seen = sketch.get(tensors.get(edge)!);
    if (seen === undefined || seen.count === 0) throw new Fault({ what: `calibration saw no values of tensor "${tensors.get(edge)}"`, facts: [['try', 'calibrate again: the sketch belongs to another network']] });
    return method.range(seen);
  };
  const ranges = new Map([...new Set(classes.values())].map((one) => [one, union([...one.edges, ...one.sources].map(rangeOf))]));
  const typeOf = typesOf({ network, classes, producers, types });
  return { classes, type: (edge) => typeOf.get(classes.get(edge)!)!, range: (edge) => ranges.get(classes.get(edge)!)! };
}

/** Scale and zero of a range in a type. Wider ranges than it needs to be (0 missing) are the caller's to widen. */
export function quantOf([lo, hi]: Range, type: ComputeType): Quant {
  const most = levels[type];
  const scale = Math.max(Math.fround((hi - lo) / most), Math.fround(1e-8));
  return { scale, zero: Math.min(Math.max(roundHalfEven(-lo / scale), 0), most) + 0 };
}

export const levels: Readonly<Record<ComputeType, number>> = { U8: 255, U16: 65535 };

/** What follows from the operator: of the last function of its chain, else of its head. */
function knownRange(group: FusedGroup | undefined): Range | undefined {
  const last = group?.chain.at(-1);
  return last === undefined ? group?.draft?.range : functionOf(last.fn).range;
}

function union(ranges: readonly Range[]): Range {
  return ranges.reduce<Range>(([lo, hi], [low, high]) => [Math.min(lo, low), Math.max(hi, high)], [0, 0]);
}

interface TypesInputs {
  readonly network: FusedNetwork;
  readonly classes: ReadonlyMap<string, EdgeClass>;
  readonly producers: ReadonlyMap<string, FusedGroup>;
  readonly types: ReadonlyMap<string, ComputeType>;
}

/** The highest type that any reader asks for. Readers that take what they get (outputs, the CPU) ask for the producers' type. */
function typesOf({ network, classes, producers, types }: TypesInputs): ReadonlyMap<EdgeClass, ComputeType> {
  const found = new Map<EdgeClass, ComputeType>();
  const ask = (wanted: EdgeClass, type: ComputeType): void => {
    if (found.get(wanted) !== 'U16') found.set(wanted, type);
  };
  const computes = (group: FusedGroup): boolean => group.draft !== undefined && group.draft.shares !== true && group.nodes.length > 0;
  for (const group of network.groups) {
    for (const edge of group.inputs) {
      const wanted = classes.get(edge);
      if (wanted === undefined) continue;
      if (computes(group)) ask(wanted, types.get(group.name)!);
      else if (group.draft?.shares !== true) {
        for (const source of [...wanted.edges, ...wanted.sources].map((name) => producers.get(name)!)) if (computes(source)) ask(wanted, types.get(source.name)!);
      }
    }
  }
  // A class asks its fixed sources for its own type; none of them is a class that copies.
  for (const one of new Set(classes.values())) for (const source of one.sources) ask(classes.get(source)!, found.get(one) ?? 'U8');
  for (const one of classes.values()) if (!found.has(one)) found.set(one, 'U8');
  return found;
}
