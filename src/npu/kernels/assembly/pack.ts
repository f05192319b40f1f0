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

/** Weights [channel][segment][term]; each segment ends on a whole pair. */
export function packDense(panel: usize, weights: usize, bytes: i32, channel: i32, valid: i32, segments: i32, segment: i32, part: i32): void {
  const pairs = (segment + 1) >> 1;
  const step = <usize>bytes;
  for (let c = 0; c < 8; c++) {
    let to = panel + (<usize>c << 2);
    let from = weights + <usize>(channel + c) * <usize>(segments * segment) * step;
    for (let s = 0; s < segments; s++, from += <usize>segment * step) {
      for (let j = 0; j < pairs; j++, to += 32) {
        if (c >= valid) {
          store<u32>(to, 0);
          continue;
        }
        const at = from + (<usize>j << 1) * step;
        const second = 2 * j + 1 < segment ? partOf(weightAt(at + step, bytes), part) : 0;
        store<u32>(to, (partOf(weightAt(at, bytes), part) & 0xffff) | (second << 16));
      }
    }
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
  let sum: i64 = 0;
  for (let k = 0; k < terms; k++, at += bytes) sum += weightAt(at, bytes);
  return sum;
}

/** Sum of one channel's weights [tap][channel]. */
export function sumDepthwise(weights: usize, bytes: i32, channel: i32, channels: i32, taps: i32): i64 {
  let at = weights + <usize>(channel * bytes);
  let sum: i64 = 0;
  for (let t = 0; t < taps; t++, at += <usize>(channels * bytes)) sum += weightAt(at, bytes);
  return sum;
}
