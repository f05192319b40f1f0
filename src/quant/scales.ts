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
  /** What each NPU group computes in. */
  readonly types: ReadonlyMap<string, ComputeType>;
}

export function scalesOf(inputs: ScalesInputs): Scales {
  const classes = classesOf(inputs.network);
  const producers = new Map(inputs.network.groups.flatMap((group) => group.outputs.map((edge) => [edge, group] as const)));
  const rangeOf = rangesOf(inputs, { classes, producers });
  const typeOf = typesOf(inputs, { classes, producers });
  return { classes, type: (edge) => typeOf.get(classes.get(edge)!)!, range: (edge) => rangeOf.get(classes.get(edge)!)! };
}

export const levels: Readonly<Record<ComputeType, number>> = { U8: 255, U16: 65535 };

/** Scale and zero of a range that holds 0. */
export function quantOf([lo, hi]: Range, type: ComputeType): Quant {
  const most = levels[type];
  const scale = Math.max(Math.fround((hi - lo) / most), Math.fround(1e-8));
  return { scale, zero: Math.min(Math.max(roundHalfEven(-lo / scale), 0), most) + 0 };
}

interface Wiring {
  readonly classes: ReadonlyMap<string, EdgeClass>;
  readonly producers: ReadonlyMap<string, FusedGroup>;
}

function rangesOf({ network, sketch, method, fusesChain }: ScalesInputs, { classes, producers }: Wiring): ReadonlyMap<EdgeClass, Range> {
  const tensors = new Map(network.edges.map((edge) => [edge.name, edge.tensor]));
  const rangeOf = (edge: string): Range => {
    const known = knownRange(producers.get(edge)!);
    if (known !== undefined) return known;
    const tensor = tensors.get(edge)!;
    const seen = sketch.get(tensor);
    if (seen === undefined || seen.count === 0) throw new Fault({ what: `calibration saw no values of tensor "${tensor}"` });
    return method.range(seen);
  };
  return new Map([...new Set(classes.values())].map((edges) => {
    const range = union(edges.map(rangeOf));
    // A head that knows its range and has no epilogue to rescale with (softmax) can write no other codes.
    const fixed = edges.map((edge) => producers.get(edge)!).find((group) => group.draft?.range !== undefined && !fusesChain(group.kind));
    if (fixed !== undefined && fixed.draft!.range!.join() !== range.join()) throw cannotShare(fixed, edges, range);
    return [edges, range];
  }));
}

/** What follows from the operator: of the last function of its chain, else of its head. */
function knownRange({ chain, draft }: FusedGroup): Range | undefined {
  const last = chain.at(-1);
  return last === undefined ? draft?.range : functionOf(last.fn).range;
}

function union(ranges: readonly Range[]): Range {
  return ranges.reduce<Range>(([lo, hi], [low, high]) => [Math.min(lo, low), Math.max(hi, high)], [0, 0]);
}

function cannotShare({ name, draft }: FusedGroup, edges: EdgeClass, range: Range): Fault {
  return new Fault({
    what: `"${name}" gives codes of [${draft!.range!.join(', ')}] and no other, but shares them with tensors of [${range.join(', ')}]`,
    facts: [['shared by', edges.join(', ')], ['try', 'join these tensors outside of the model: requantising between them is not built yet']],
  });
}

/** The highest type that any reader asks for. Readers that take what they get (outputs, the CPU) ask for what the producers compute in. */
function typesOf({ network, types }: ScalesInputs, { classes, producers }: Wiring): ReadonlyMap<EdgeClass, ComputeType> {
  const found = new Map<EdgeClass, ComputeType>([...classes.values()].map((edges) => [edges, 'U8']));
  const ask = (edges: EdgeClass, type: ComputeType): void => {
    if (type === 'U16') found.set(edges, type);
  };
  const isCopy = (group: FusedGroup): boolean => group.draft?.shares === true;
  const computes = (group: FusedGroup): boolean => group.draft !== undefined && group.nodes.length > 0 && !isCopy(group);
  for (const group of network.groups) {
    for (const edges of group.inputs.flatMap((edge) => classes.get(edge) === undefined ? [] : [classes.get(edge)!])) {
      if (computes(group)) ask(edges, types.get(group.name)!);
      else if (!isCopy(group)) {
        for (const producer of edges.map((edge) => producers.get(edge)!)) if (computes(producer)) ask(edges, types.get(producer.name)!);
      }
    }
  }
  return found;
}
