// A group is what one relocatable object is compiled from: one heavy operator (or a light one) with the unary chain fused behind it,
// in canonical form: no names, no positions. Structure (shapes, types, options) and values (scales, weights) are two records, keyed
// apart: a new scale or weight never re-plans. docs/integer-spec.md says what each kind computes.
import type { Digest } from '../base/digest.ts';
import type { TypedArray } from '../base/bytes.ts';

/** Element types of an edge between groups. */
export type EdgeType = 'U8' | 'U16' | 'FP32';

export interface Edge {
  /** Logical shape, in ONNX's order. */
  readonly shape: readonly number[];
  readonly dtype: EdgeType;
  /**
   * Order of the bytes in memory. 'nhwc': a rank-4 logical (N, C, H, W) tensor stored as N, H, W, C; the layout of every rank-4 tensor
   * between groups. 'plain': row-major in logical order; tensors of other ranks, and the runtime's inputs and outputs.
   */
  readonly layout: 'nhwc' | 'plain';
}

export type GroupAttribute = number | string | readonly number[];

export interface GroupStructure {
  readonly kind: string;
  readonly attributes: Readonly<Record<string, GroupAttribute>>;
  readonly inputs: readonly Edge[];
  /** The type each input is computed in: its own, a narrower one it is requantised to on entry (spec §4), or FP32 (spec §8). */
  readonly entries: readonly EdgeType[];
  readonly output: Edge;
  /** Shapes (and storage) of the weights, by role, e.g. { weight: { shape: [O, I, kh, kw], dtype: 'S8' } }. */
  readonly constants: Readonly<Record<string, { readonly shape: readonly number[]; readonly dtype: 'S8' | 'S16' }>>;
  /** 'float': it computes in FP32 (spec §8), and the attribute `functions` names its chain. */
  readonly epilogue: 'clamp' | 'table' | 'none' | 'float';
}

export interface Quant {
  readonly scale: number;
  readonly zero: number;
}

/** One fused unary function, e.g. { fn: 'hard_swish', args: [] }, { fn: 'affine', args: [scale, offset] }; src/ops/functions.ts defines them. */
export interface UnaryCall {
  readonly fn: string;
  readonly args: readonly number[];
}

export interface GroupValues {
  /** Of the edges as they arrive; FP32 edges have null. */
  readonly inputs: readonly (Quant | null)[];
  /** Of the types they are computed in: equal to inputs[i] where nothing is requantised. */
  readonly entries: readonly (Quant | null)[];
  readonly output: Quant | null;
  /** Fused functions in order of application. */
  readonly chain: readonly UnaryCall[];
  /** Digests of float data used as it is (FP32 bytes), e.g. { bias: … }. */
  readonly floats: Readonly<Record<string, Digest>>;
  /** Small float lists that aren't tensors of the model, e.g. { mean: […], std: […] } of a quantize group. */
  readonly lists: Readonly<Record<string, readonly number[]>>;
}

/** A weight tensor after quant/weights.ts: codes in the order of the group's constant, one scale per output channel. */
export interface QuantisedWeight {
  readonly shape: readonly number[];
  readonly codes: Int8Array | Int16Array;
  readonly scales: Float32Array;
}

/** The resolved integers of a group: everything the specification names, and nothing else. Made by Kind.params. */
export interface Params {
  readonly scalars: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, TypedArray>>;
}

/** A tensor of codes (or FP32 at the network's edges), row-major in logical order. */
export interface Codes {
  readonly shape: readonly number[];
  readonly data: Uint8Array | Uint16Array | Float32Array;
}

/** What the integer definition of a group kind must answer. Registered in ops/kinds/index.ts. */
export interface Kind {
  readonly name: string;
  /** True when a chain of unary functions may be fused behind it. */
  readonly fusesChain: boolean;
  /** Weights, multipliers, tables from values. `blob` gives the bytes behind a digest named in `values.floats`. */
  params(structure: GroupStructure, values: GroupValues, weights: Readonly<Record<string, QuantisedWeight>>, blob: (digest: Digest) => Uint8Array): Params;
  /** The definition: plain and slow. */
  integer(structure: GroupStructure, params: Params, inputs: readonly Codes[]): Codes;
}
