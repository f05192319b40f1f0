// Sums of products over windows: what conv and conv_transpose share. Input codes minus their zero are planted on planes wide enough for every
// window, so that a window is one list of offsets from its corner.
import type { Codes } from '../group.ts';

export interface Planes {
  /** [channels][rows][cols], 0 where the input has nothing. */
  readonly data: Int32Array;
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
  const data = new Int32Array(channels * rows * cols);
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
  readonly planes: Int32Array;
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

/** sums[row][position] = sum over k of window[k] * weight[row][k], exactly. `narrow`: U8 by S8, at most 66,000 products, so that 32 bits do. */
export function products({ planes, corners, offsets }: Windows, rows: Rows, narrow: boolean): Int32Array | Float64Array {
  return narrow ? narrowProducts({ planes, corners, offsets }, rows) : wideProducts({ planes, corners, offsets }, rows);
}

function narrowProducts({ planes, corners, offsets }: Windows, { codes, first, count }: Rows): Int32Array {
  const length = offsets.length;
  const window = new Int32Array(length);
  const weights = Int32Array.from(codes.subarray(first * length, (first + count) * length));
  const sums = new Int32Array(count * corners.length);
  for (let position = 0; position < corners.length; position++) {
    const corner = corners[position]!;
    for (let k = 0; k < length; k++) window[k] = planes[corner + offsets[k]!]!;
    for (let row = 0, w = 0; row < count; row++) {
      let sum = 0;
      for (let k = 0; k < length; k++, w++) sum = (sum + Math.imul(window[k]!, weights[w]!)) | 0;
      sums[row * corners.length + position] = sum;
    }
  }
  return sums;
}

/** Doubles hold these sums exactly: below 2^53 up to four million products of 16 bits. */
function wideProducts({ planes, corners, offsets }: Windows, { codes, first, count }: Rows): Float64Array {
  const length = offsets.length;
  const window = new Float64Array(length);
  const weights = Float64Array.from(codes.subarray(first * length, (first + count) * length));
  const sums = new Float64Array(count * corners.length);
  for (let position = 0; position < corners.length; position++) {
    const corner = corners[position]!;
    for (let k = 0; k < length; k++) window[k] = planes[corner + offsets[k]!]!;
    for (let row = 0, w = 0; row < count; row++) {
      let sum = 0;
      for (let k = 0; k < length; k++, w++) sum += window[k]! * weights[w]!;
      sums[row * corners.length + position] = sum;
    }
  }
  return sums;
}
