// Sums of products over windows: what conv and conv_transpose share. Input codes minus their zero are planted on planes wide enough for every
// window, so that a window is one list of offsets from its corner.
import type { Codes } from '../group.ts';

export interface Planes {
  /** [channels][rows][cols], 0 where the input has nothing. */
  readonly data: Float64Array;
  readonly rows: number;
  readonly cols: number;
}

export interface Planting {
  readonly channels: number;
  readonly rows: number;
  readonly cols: number;
  /** Where input row 0 and column 0 go, and how far apart its rows and columns are; what falls outside is left out. */
  readonly origin: readonly [number, number];
  readonly spread: readonly [number, number];
}

/** The planes of batch n of a rank-4 tensor. */
export function plant(input: Codes, zero: number, n: number, { channels, rows, cols, origin, spread }: Planting): Planes {
  const [, , height = 1, width = 1] = input.shape;
  const data = new Float64Array(channels * rows * cols);
  const [top, bottom] = within(height, { size: rows, origin: origin[0], spread: spread[0] });
  const [left, right] = within(width, { size: cols, origin: origin[1], spread: spread[1] });
  for (let c = 0; c < channels; c++) {
    for (let y = top; y < bottom; y++) {
      const from = ((n * channels + c) * height + y) * width;
      const to = (c * rows + origin[0] + y * spread[0]) * cols + origin[1];
      for (let x = left; x < right; x++) data[to + x * spread[1]] = input.data[from + x]! - zero;
    }
  }
  return { data, rows, cols };
}

/** First and last + 1 of `count` rows or columns that land inside. */
function within(count: number, { size, origin, spread }: { readonly size: number; readonly origin: number; readonly spread: number }): readonly [number, number] {
  return [Math.max(0, Math.ceil(-origin / spread)), Math.min(count, Math.floor((size - 1 - origin) / spread) + 1)];
}

export interface Windows {
  readonly planes: Float64Array;
  /** Where each output position's window starts. */
  readonly corners: Int32Array;
  /** Where the elements of a window lie, from its corner, in the order of a weight row. */
  readonly offsets: Int32Array;
}

export interface Rows {
  readonly codes: Int8Array | Int16Array;
  readonly first: number;
  readonly count: number;
}

/**
 * sums[row][position] = sum over k of window[k] * weight[row][k]. Doubles hold these whole numbers exactly: below 2^53 up to four million
 * products of 16 bits. Two windows meet four rows at a time, so that an element read is used more than once.
 */
export function products({ planes, corners, offsets }: Windows, { codes, first, count }: Rows): Float64Array {
  const [length, positions] = [offsets.length, corners.length];
  const [left, right] = [new Float64Array(length), new Float64Array(length)];
  const weights = Float64Array.from(codes.subarray(first * length, (first + count) * length));
  const sums = new Float64Array(count * positions);
  for (let p = 0; p < positions; p += 2) {
    // An odd last window is its own neighbour.
    const q = Math.min(p + 1, positions - 1);
    const [atP, atQ] = [corners[p]!, corners[q]!];
    for (let k = 0; k < length; k++) {
      const offset = offsets[k]!;
      left[k] = planes[atP + offset]!;
      right[k] = planes[atQ + offset]!;
    }
    let row = 0;
    for (; row + 4 <= count; row += 4) {
      const [w0, w1, w2, w3] = [row * length, (row + 1) * length, (row + 2) * length, (row + 3) * length];
      let p0 = 0, p1 = 0, p2 = 0, p3 = 0, q0 = 0, q1 = 0, q2 = 0, q3 = 0;
      for (let k = 0; k < length; k++) {
        const x = left[k]!;
        const y = right[k]!;
        const a = weights[w0 + k]!;
        const b = weights[w1 + k]!;
        const c = weights[w2 + k]!;
        const d = weights[w3 + k]!;
        p0 += x * a; q0 += y * a;
        p1 += x * b; q1 += y * b;
        p2 += x * c; q2 += y * c;
        p3 += x * d; q3 += y * d;
      }
      const at = row * positions;
      sums[at + p] = p0; sums[at + positions + p] = p1; sums[at + 2 * positions + p] = p2; sums[at + 3 * positions + p] = p3;
      sums[at + q] = q0; sums[at + positions + q] = q1; sums[at + 2 * positions + q] = q2; sums[at + 3 * positions + q] = q3;
    }
    for (; row < count; row++) {
      let p0 = 0, q0 = 0;
      for (let k = 0; k < length; k++) {
        p0 += left[k]! * weights[row * length + k]!;
        q0 += right[k]! * weights[row * length + k]!;
      }
      sums[row * positions + p] = p0;
      sums[row * positions + q] = q0;
    }
  }
  return sums;
}
