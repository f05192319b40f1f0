// Weights as the inner loops read them: for each pair of terms, s16 x 2 of eight channels, 32 bytes. Terms and channels that don't exist are 0.
// S16 weights may be split into two parts of 8 bits, w = low + 256 * high with low in -128..127.

export const WHOLE: i32 = 0;
export const LOW: i32 = 1;
export const HIGH: i32 = 2;

// @ts-ignore: decorator
@inline
function weightAt(at: usize, bytes: i32): i32 {
  return bytes == 1 ? <i32>load<i8>(at) : <i32>load<i16>(at);
}

// @ts-ignore: decorator
@inline
function partOf(weight: i32, part: i32): i32 {
  if (part == WHOLE) return weight;
  const low = <i32>(<i8>weight);
  return part == LOW ? low : (weight - low) >> 8;
}

/** Eight consecutive weights as s16. */
// @ts-ignore: decorator
@inline
function weights8(at: usize, bytes: i32, part: i32): v128 {
  const w = bytes == 1 ? v128.load_ext<i8>(at) : v128.load(at);
  if (part == WHOLE) return w;
  if (part == LOW) return i16x8.shr_s(i16x8.shl(w, 8), 8);
  // (w - low) >> 8 without leaving s16: the carry of low is its sign bit.
  return i16x8.add(i16x8.shr_s(w, 8), v128.and(i16x8.shr_u(w, 7), i16x8.splat(1)));
}

/** Weights [channel][segment][term]; each segment ends on a whole pair. */
export function packDense(panel: usize, weights: usize, bytes: i32, channel: i32, valid: i32, segments: i32, segment: i32, part: i32): void {
  const row = <usize>(segments * segment) * <usize>bytes;
  const from = weights + <usize>channel * row;
  for (let s = 0; s < segments; s++) {
    const at = from + <usize>(s * segment) * <usize>bytes;
    let k = 0;
    for (; k + 8 <= segment; k += 8, panel += 128) {
      packFour(panel, at + <usize>(k * bytes), row, bytes, min(4, valid), part);
      packFour(panel + 16, at + <usize>(k * bytes) + 4 * row, row, bytes, valid - 4, part);
    }
    for (; k < segment; k += 2, panel += 32) packPair(panel, at + <usize>(k * bytes), row, bytes, valid, k + 1 < segment, part);
  }
}

/** Eight terms of four channels: a transpose of 4 x 4 pairs. */
// @ts-ignore: decorator
@inline
function packFour(to: usize, from: usize, row: usize, bytes: i32, valid: i32, part: i32): void {
  const none = i32x4.splat(0);
  const a = valid > 0 ? weights8(from, bytes, part) : none;
  const b = valid > 1 ? weights8(from + row, bytes, part) : none;
  const c = valid > 2 ? weights8(from + 2 * row, bytes, part) : none;
  const d = valid > 3 ? weights8(from + 3 * row, bytes, part) : none;
  const abLow = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cdLow = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(abLow, cdLow, 0, 2));
  v128.store(to, v128.shuffle<i64>(abLow, cdLow, 1, 3), 32);
  v128.store(to, v128.shuffle<i64>(abHigh, cdHigh, 0, 2), 64);
  v128.store(to, v128.shuffle<i64>(abHigh, cdHigh, 1, 3), 96);
}

function packPair(to: usize, from: usize, row: usize, bytes: i32, valid: i32, whole: bool, part: i32): void {
  for (let c = 0; c < 8; c++, from += row, to += 4) {
    if (c >= valid) {
      store<u32>(to, 0);
      continue;
    }
    const second = whole ? partOf(weightAt(from + bytes, bytes), part) : 0;
    store<u32>(to, (partOf(weightAt(from, bytes), part) & 0xffff) | (second << 16));
  }
}

/** Weights [tap][channel]. */
export function packDepthwise(panel: usize, weights: usize, bytes: i32, channel: i32, valid: i32, channels: i32, taps: i32, part: i32): void {
  const row = <usize>(channels * bytes);
  for (let t = 0; t < taps; t += 2, panel += 32) {
    for (let c = 0; c < 8; c++) {
      const at = weights + <usize>t * row + <usize>((channel + c) * bytes);
      const first = c < valid ? partOf(weightAt(at, bytes), part) : 0;
      const second = c < valid && t + 1 < taps ? partOf(weightAt(at + row, bytes), part) : 0;
      store<u32>(panel + (<usize>c << 2), (first & 0xffff) | (second << 16));
    }
  }
}

/** Sum of one channel's weights [channel][term]. */
export function sumDense(weights: usize, bytes: i32, channel: i32, terms: i32): i64 {
  let at = weights + <usize>channel * <usize>terms * <usize>bytes;
  const ones = i16x8.splat(1);
  let sum: i64 = 0;
  let k = 0;
  while (k + 8 <= terms) {
    // Lanes of s32 hold this many terms, whatever they are.
    const end = min(terms, k + 65536);
    let lanes = i32x4.splat(0);
    for (; k + 8 <= end; k += 8, at += <usize>bytes << 3) lanes = i32x4.add(lanes, i32x4.dot_i16x8_s(weights8(at, bytes, WHOLE), ones));
    sum += <i64>i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) + i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3);
  }
  for (; k < terms; k++, at += bytes) sum += weightAt(at, bytes);
  return sum;
}

/** Sum of one channel's weights [tap][channel]. */
export function sumDepthwise(weights: usize, bytes: i32, channel: i32, channels: i32, taps: i32): i64 {
  let at = weights + <usize>(channel * bytes);
  let sum: i64 = 0;
  for (let t = 0; t < taps; t++, at += <usize>(channels * bytes)) sum += weightAt(at, bytes);
  return sum;
}
