// A strided copy from an input to the output: its geometry on both sides, and how it is cut into smaller ones.
import type { Address } from '../emit.ts';
import { space } from '../isa.ts';
import type { Stride } from './transfer.ts';

/** From an input to the output. Strides and starts in elements; a `from` of 0 repeats, a negative one runs backwards. */
export interface Copy {
  readonly input: number;
  readonly dims: readonly Stride[];
  readonly fromStart: number;
  readonly toStart: number;
  /** Bytes of an element on the input's edge. */
  readonly bytes: number;
  /** Requantised on entry: prefix of the scalars' names. */
  readonly entry?: string;
}

/** Cuts a copy into tiles of at most `limit` elements, first along the dim that is outermost on both sides. */
export function cut(copy: Copy, limit: number): Copy[] {
  if (volume(copy.dims) <= limit) return [copy];
  const weight = (dim: Stride): number => (dim.size === 1 ? -1 : Math.min(Math.abs(dim.from), dim.to));
  const best = copy.dims.reduce((a, dim, d) => (weight(dim) > weight(copy.dims[a]!) ? d : a), copy.dims.findIndex((dim) => dim.size > 1));
  const { size, from, to } = copy.dims[best]!;
  const inner = volume(copy.dims) / size;
  const pieces = Math.min(size, Math.ceil(size / Math.max(1, Math.floor(limit / inner))));
  const step = Math.ceil(size / pieces);
  const tiles: Copy[] = [];
  for (let i = 0; i < size; i += step) {
    const dims = copy.dims.map((dim, d) => (d === best ? { ...dim, size: Math.min(step, size - i) } : dim));
    tiles.push(...cut({ ...copy, dims, fromStart: copy.fromStart + i * from, toStart: copy.toStart + i * to }, limit));
  }
  return tiles;
}

/** The same sequence of elements on both sides, so that a transfer can do it. */
export function inOrder({ dims }: Copy): boolean {
  const real = dims.filter((dim) => dim.size > 1);
  return real.every((dim, i) => dim.from > 0 && (i === 0 || (dim.from <= real[i - 1]!.from && dim.to <= real[i - 1]!.to)));
}

export function volume(dims: readonly Stride[]): number {
  return dims.reduce((product, dim) => product * dim.size, 1);
}

export function unrepeated(dims: readonly Stride[]): readonly Stride[] {
  return dims.filter((dim) => dim.from !== 0);
}

export function inBytes(dims: readonly Stride[], bytes: number): Stride[] {
  return dims.map(({ size, from, to }) => ({ size, from: from * bytes, to: to * bytes }));
}

export function byStride(dims: readonly Stride[], side: 'from' | 'to'): Stride[] {
  return [...dims].sort((a, b) => Math.abs(b[side]) - Math.abs(a[side]));
}

/** Lowest address of a tile on its input: backward dims end there. */
export function low({ input, dims, fromStart, bytes }: Copy): Address {
  const back = dims.reduce((sum, dim) => sum + Math.min(0, dim.from) * (dim.size - 1), 0);
  return { space: space.input + input, offset: (fromStart + back) * bytes };
}

export function outAt({ toStart }: Copy, bytes: number): Address {
  return { space: space.output, offset: toStart * bytes };
}

/** Strides (in elements) that pack dims in descending order of the strides they have; 0 stays 0. */
export function packing(strides: readonly number[], sizes: readonly number[]): number[] {
  const order = strides.map((_, d) => d).filter((d) => strides[d] !== 0).sort((a, b) => Math.abs(strides[b]!) - Math.abs(strides[a]!) || a - b);
  const found = strides.map(() => 0);
  let step = 1;
  for (const d of order.reverse()) {
    found[d] = step;
    step *= sizes[d]!;
  }
  return found;
}

/**
 * A tile packed in the order of its input: the gathering dims (bytes, outermost first), and for each of the tile's dims its stride in the
 * packed buffer, in elements from element `start` (backward dims start at their end).
 */
export function gathered({ dims, bytes }: Copy): { readonly dims: Stride[]; readonly strides: number[]; readonly start: number } {
  const steps = packing(dims.map((dim) => dim.from), dims.map((dim) => dim.size));
  const strides = dims.map((dim, d) => (dim.from < 0 ? -steps[d]! : steps[d]!));
  const start = dims.reduce((sum, dim, d) => sum + (dim.from < 0 ? steps[d]! * (dim.size - 1) : 0), 0);
  const list = dims.map((dim, d): Stride => ({ size: dim.size, from: Math.abs(dim.from), to: steps[d]! })).filter((dim) => dim.from !== 0);
  return { dims: inBytes(byStride(list, 'from'), bytes), strides, start };
}
