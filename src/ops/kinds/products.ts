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
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const row = origin[0] + y * spread[0];
      if (row < 0 || row >= rows) continue;
      const from = ((n * channels + c) * height + y) * width;
      const to = (c * rows + row) * cols;
      for (let x = 0; x < width; x++) {
        const col = origin[1] + x * spread[1];
        if (col >= 0 && col < cols) data[to + col] = input.data[from + x]! - zero;
      }
    }
  }
  return { data, rows, cols };
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
 * products of 16 bits. Four rows go side by side, so that an element of the window is read once for all of them.
 */
export function products({ planes, corners, offsets }: Windows, { codes, first, count }: Rows): Float64Array {
  const [length, positions] = [offsets.length, corners.length];
  const window = new Float64Array(length);
  // Rows of zeros fill up the last four.
  const weights = new Float64Array(Math.ceil(count / 4) * 4 * length);
  weights.set(codes.subarray(first * length, (first + count) * length));
  const sums = new Float64Array(Math.ceil(count / 4) * 4 * positions);
  for (let position = 0; position < positions; position++) {
    const corner = corners[position]!;
    for (let k = 0; k < length; k++) window[k] = planes[corner + offsets[k]!]!;
    for (let row = 0; row < count; row += 4) {
      const [w0, w1, w2, w3] = [row * length, (row + 1) * length, (row + 2) * length, (row + 3) * length];
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let k = 0; k < length; k++) {
        const x = window[k]!;
        a += x * weights[w0 + k]!;
        b += x * weights[w1 + k]!;
        c += x * weights[w2 + k]!;
        d += x * weights[w3 + k]!;
      }
      sums[row * positions + position] = a;
      sums[(row + 1) * positions + position] = b;
      sums[(row + 2) * positions + position] = c;
      sums[(row + 3) * positions + position] = d;
    }
  }
  return sums;
}
