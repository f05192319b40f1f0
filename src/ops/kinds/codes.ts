// Tensors of codes: making them, quantising a float, and walking one in the order of another shape.
import { elements } from '../../base/dtype.ts';
import { roundHalfEven } from '../../base/real.ts';
import type { Codes, Edge, EdgeType, Quant } from '../group.ts';

export const levelsOf: Readonly<Record<'U8' | 'U16', number>> = { U8: 255, U16: 65535 };

/** 255 or 65535: the largest code of a type. */
export function levels(dtype: EdgeType): number {
  if (dtype === 'FP32') throw new Error('BUG: FP32 has no codes');
  return levelsOf[dtype];
}

/** An empty tensor for the codes of an edge. */
export function codesFor({ shape, dtype }: Pick<Edge, 'shape' | 'dtype'>): { readonly shape: readonly number[]; readonly data: Uint8Array | Uint16Array } {
  const length = elements(shape);
  return { shape, data: levels(dtype) === 255 ? new Uint8Array(length) : new Uint16Array(length) };
}

/** The same for an edge that copies, which may carry FP32. */
export function likeEdge({ shape, dtype }: Pick<Edge, 'shape' | 'dtype'>): Codes {
  return dtype === 'FP32' ? { shape, data: new Float32Array(elements(shape)) } : codesFor({ shape, dtype });
}

/** The code of a real number (spec §1), which may be infinite. */
export function codeOf(real: number, { scale, zero }: Quant, top: number): number {
  return clamp(roundHalfEven(Math.fround(real / scale)) + zero, 0, top);
}

export function clamp(v: number, lo: number, hi: number): number {
  return v < lo ? lo : v > hi ? hi : v;
}

/** Smallest and largest real number that the codes of a type stand for. */
export function rangeOf({ scale, zero }: Quant, dtype: EdgeType): readonly [number, number] {
  return [-zero * scale, (levels(dtype) - zero) * scale];
}

/** Row-major strides of a shape, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** For every element of `shape` in row-major order, where a walk with these strides (in elements; 0 repeats) finds it. */
export function offsetsOf(shape: readonly number[], strides: readonly number[], start = 0): Int32Array {
  let offsets = Int32Array.of(start);
  shape.forEach((size, axis) => {
    const step = strides[axis]!;
    const next = new Int32Array(offsets.length * size);
    for (let i = 0, at = 0; i < offsets.length; i++) {
      for (let j = 0; j < size; j++) next[at++] = offsets[i]! + j * step;
    }
    offsets = next;
  });
  return offsets;
}

/** Copies the codes at the given places, in order. */
export function pick(from: Codes, offsets: Int32Array, output: Edge): Codes {
  const out = likeEdge(output);
  for (let i = 0; i < offsets.length; i++) out.data[i] = from.data[offsets[i]!]!;
  return out;
}
