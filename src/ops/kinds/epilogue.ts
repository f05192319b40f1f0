// The end of every kind that computes (docs/integer-spec.md §3): a rescaled number becomes an output code, by a clamp or by a table.
import { functionOf } from '../functions.ts';
import type { GroupStructure, Params, Quant, UnaryCall } from '../group.ts';
import type { TypedArray } from '../../base/bytes.ts';
import { arrayOf, quantOf, scalarOf } from './attributes.ts';
import { clamp, codeOf, levels } from './codes.ts';
import { buildTable } from './table.ts';

export interface EpilogueParts {
  /** zero, lo, hi; index_bits, fraction_bits, value_bits of a table. */
  readonly scalars: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, TypedArray>>;
  /** The real number that one step of a rescaled value stands for: d of the specification. */
  readonly step: number;
}

export interface EpilogueRequest {
  readonly structure: GroupStructure;
  readonly output: Quant | null;
  readonly chain: readonly UnaryCall[];
  /** Smallest and largest real number the kind can hand to its chain. */
  readonly reach: readonly [number, number];
  /** The real number that one step of the value before rescaling stands for (the largest, if there are several). */
  readonly unit: number;
  /** The largest ratio of `unit` to a step that the kind can rescale by; 16000 (spec §2) where it is left out. */
  readonly largestFactor?: number;
}

/** 'clamp' where every function of the chain only clips; the type fuse and resolve give a group. */
export function epilogueOf(chain: readonly UnaryCall[]): 'clamp' | 'table' {
  return chain.every(({ fn }) => functionOf(fn).clamp !== undefined) ? 'clamp' : 'table';
}

export function buildEpilogue({ structure, output, chain, reach, unit, largestFactor = 16000 }: EpilogueRequest): EpilogueParts {
  const kind = epilogueOf(chain);
  if (structure.epilogue !== kind) throw new Error(`BUG: a chain of ${chain.map(({ fn }) => fn).join(', ') || 'nothing'} is no ${structure.epilogue} epilogue`);
  const quant = quantOf(output, 'the output');
  const top = levels(structure.output.dtype);
  const cut = chain.findLastIndex(({ fn }) => functionOf(fn).clamp === undefined) + 1;
  const limits = clipCodes(chain.slice(cut), quant, top);
  if (kind === 'clamp') return { scalars: { zero: quant.zero, ...limits }, arrays: {}, step: quant.scale };
  const { table, bits, zero, step } = buildTable({ chain: chain.slice(0, cut), quant, ...limits, top, reach, unit, largestFactor });
  return {
    scalars: { zero, ...limits, index_bits: bits.index, fraction_bits: bits.fraction, value_bits: bits.value },
    arrays: { table },
    step,
  };
}

/** lo and hi of a run of clips: the codes of its ends. */
function clipCodes(clips: readonly UnaryCall[], quant: Quant, top: number): { readonly lo: number; readonly hi: number } {
  const through = (end: number): number => clips.reduce((x, { fn, args }) => clamp(x, ...functionOf(fn).clamp!(args)), end);
  if (clips.length === 0) return { lo: 0, hi: top };
  return { lo: codeOf(through(-Infinity), quant, top), hi: codeOf(through(Infinity), quant, top) };
}

/** What turns a rescaled value into the code. */
export function epilogue(structure: GroupStructure, params: Params): (r: number) => number {
  const [zero, lo, hi] = ['zero', 'lo', 'hi'].map((name) => scalarOf(params, name)) as [number, number, number];
  if (structure.epilogue === 'clamp') return (r) => clamp(r + zero, lo, hi);
  const table = arrayOf(params, 'table', Int32Array);
  const [index, fraction, value] = ['index_bits', 'fraction_bits', 'value_bits'].map((name) => scalarOf(params, name)) as [number, number, number];
  const last = 2 ** (index + fraction) - 1;
  const segment = 2 ** fraction;
  const divisor = 2 ** (fraction + value);
  return (r) => {
    const x = clamp(r + zero, 0, last);
    const i = x >> fraction;
    const g = x & (segment - 1);
    const from = table[i]!;
    // Below 2^30 * 2^12 * 2: exact in doubles.
    const y = Math.floor((from * segment + (table[i + 1]! - from) * g + divisor / 2) / divisor);
    return clamp(y, lo, hi);
  };
}
