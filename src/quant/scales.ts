// Type and range of every edge, then its scale and zero (docs/integer-spec.md §1). Ranges depend on the float network alone, types on the
// precision asked for: changing one type moves no range.
import { Fault } from '../base/fault.ts';
import { roundHalfEven } from '../base/real.ts';
import { functionOf } from '../ops/functions.ts';
import type { Quant } from '../ops/group.ts';
import { classesOf, type EdgeClass } from './classes.ts';
import type { Method, Range } from './methods/index.ts';
import type { FusedGroup, FusedNetwork } from './network.ts';
import type { Sketch } from './sketch.ts';
import { copiesFloats, hasFloatHead } from './islands.ts';
import { codeTypes, highest, isWider, type CodeType, type ComputeType } from './types.ts';

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
  /** What each NPU group computes in, what those write that were told, and which of them compute their chain in FP32. */
  readonly types: ReadonlyMap<string, ComputeType>;
  readonly outputs: ReadonlyMap<string, ComputeType>;
  readonly tails: ReadonlySet<string>;
}

export function scalesOf(inputs: ScalesInputs): Scales {
  const classes = classesOf(inputs.network);
  const producers = new Map(inputs.network.groups.flatMap((group) => group.outputs.map((edge) => [edge, group] as const)));
  const rangeOf = rangesOf(inputs, { classes, producers });
  const typeOf = typesOf(inputs, { classes, producers });
  return { classes, type: (edge) => typeOf.get(classes.get(edge)!)!, range: (edge) => rangeOf.get(classes.get(edge)!)! };
}

/** Scale and zero of a range that holds 0: for stored codes, whose zero is 2^(bits-1) where the type is signed. */
export function quantOf([lo, hi]: Range, type: CodeType): Quant {
  const { levels: most, signed } = codeTypes[type];
  const half = (most - 1) / 2;
  const scale = Math.max(Math.fround(signed ? Math.max(-lo, hi) / half : (hi - lo) / most), Math.fround(1e-8));
  return { scale, zero: signed ? half + 1 : Math.min(Math.max(roundHalfEven(-lo / scale), 0), most) + 0 };
}

/** What a group that computes in `own` makes of an edge: its own type, or the edge's where that has no more bits. */
export function entryType<T extends ComputeType>(own: T, edge: ComputeType): T | CodeType {
  return own === 'FP32' || edge === 'FP32' || isWider(edge, own as CodeType) ? own : edge;
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

/**
 * FP32 where that runs through an island; else what its producer was told to write, else the highest type that any reader asks for. Readers that
 * take what they get (outputs, the CPU) ask for what the producers compute in; FP32 that ends at an edge of codes asks for sixteen bits.
 */
function typesOf({ network, types, outputs, tails, fusesChain }: ScalesInputs, { classes, producers }: Wiring): ReadonlyMap<EdgeClass, ComputeType> {
  const asked = new Map<EdgeClass, ComputeType>();
  const told = new Map<EdgeClass, ComputeType>();
  const readers = new Map<EdgeClass, FusedGroup[]>();
  const ask = (known: Map<EdgeClass, ComputeType>, edges: EdgeClass, type: ComputeType): void => void known.set(edges, highest([known.get(edges) ?? type, type]));
  const isCopy = (group: FusedGroup): boolean => group.draft?.shares === true;
  const computes = (group: FusedGroup): boolean => group.draft !== undefined && group.nodes.length > 0 && !isCopy(group);
  const writesFloat = (group: FusedGroup): boolean => tails.has(group.name) || (hasFloatHead(group) && types.get(group.name) === 'FP32');
  const codesOf = (group: FusedGroup): CodeType => {
    const type = types.get(group.name)!;
    return type === 'FP32' || tails.has(group.name) ? 'U16' : type;
  };
  for (const group of network.groups) {
    for (const edges of group.inputs.flatMap((edge) => (classes.has(edge) ? [classes.get(edge)!] : []))) {
      readers.set(edges, [...(readers.get(edges) ?? []), group]);
      if (computes(group)) ask(asked, edges, types.get(group.name) === 'FP32' ? 'U16' : types.get(group.name)!);
      else if (!isCopy(group)) {
        for (const producer of edges.map((edge) => producers.get(edge)!)) if (computes(producer)) ask(asked, edges, codesOf(producer));
      }
    }
    const output = outputs.get(group.name);
    if (output !== undefined) ask(told, classes.get(group.outputs[0]!)!, output);
  }
  /** All that write and copy it can, and somebody wants it: an operator in FP32, an output of the network, or who was told so. */
  const isFloat = (edges: EdgeClass): boolean => {
    const read = readers.get(edges) ?? [];
    const carries = [...edges.map((edge) => producers.get(edge)!), ...read].every((group) => (isCopy(group) ? copiesFloats(group) : group.draft !== undefined));
    const isWanted = told.has(edges) ? told.get(edges) === 'FP32' : read.some((group) => group.kind === 'dequantize' || types.get(group.name) === 'FP32');
    return carries && isWanted && edges.every((edge) => isCopy(producers.get(edge)!) || writesFloat(producers.get(edge)!));
  };
  return new Map([...new Set(classes.values())].map((edges): [EdgeClass, ComputeType] => {
    if (isFloat(edges)) return [edges, 'FP32'];
    const type = told.get(edges) ?? asked.get(edges) ?? 'U8';
    const codes = type === 'FP32' ? 'U16' : type;
    // A head that can write no codes but those of its own range has no symmetric one.
    const isFixed = edges.map((edge) => producers.get(edge)!).some((group) => group.draft?.range !== undefined && !fusesChain(group.kind) && !writesFloat(group));
    return [edges, isFixed ? codeTypes[codes].storage : codes];
  }));
}
