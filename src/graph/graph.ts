// The float network. A graph is a small immutable record: weights are named by digest, so rewriting, splitting and keying a
// graph never copies their bytes. Operators have ONNX's meaning at `canonicalOpset`; onnx/read brings older models there.
import type { Digest } from '../base/digest.ts';
import type { DType } from '../base/dtype.ts';

export const canonicalOpset = 21;

export interface TensorType {
  readonly dtype: DType;
  /** Whole, non-negative sizes: axbuild compiles fixed shapes. */
  readonly shape: readonly number[];
}

export interface Weight extends TensorType {
  /** Digest of the raw little-endian bytes, row-major. */
  readonly digest: Digest;
}

export type Attribute = number | string | readonly number[] | readonly string[] | { readonly tensor: Weight };

export interface Node {
  /** Unique in its graph. The user's own name where the model has one. */
  readonly name: string;
  /** ONNX operator type, e.g. "Conv". `domain` is '' for ONNX's own. */
  readonly op: string;
  readonly domain: string;
  /** Tensor names; '' marks an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Graph {
  readonly name: string;
  /** In topological order. */
  readonly nodes: readonly Node[];
  /** Runtime inputs (no weights among them) and outputs, by tensor name, in the model's order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Constants by tensor name. */
  readonly weights: Readonly<Record<string, Weight>>;
  /** Type of every tensor that is no weight: filled by shape inference. */
  readonly types: Readonly<Record<string, TensorType>>;
}

/** Gives the raw bytes behind a weight's digest. */
export type Blobs = (digest: Digest) => Uint8Array;
/** Keeps bytes and returns their digest. */
export type Keep = (bytes: Uint8Array) => Digest;
