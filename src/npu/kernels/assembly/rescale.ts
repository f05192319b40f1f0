// rescale(v, M, S) = (v * M + 2^(S-1)) >> S, spec §2: scalars exactly, and four lanes at a time.
//
// Lanes: (v * M + 2^(S-1)) >> S = (v * 2^d * M + 2^(T-1)) >> T for T = S + d. Lanes with different shifts get one T >= 32 this way, and the
// result is the high word of a 64-bit sum, shifted by T - 32. v * 2^d must fit s32: v is clamped first, which changes nothing where the
// clamped result already lies outside of what the epilogue keeps; makeFactor says whether that holds.

// @ts-ignore: decorator
@inline
export function rescale32(v: i64, m: i64, s: i64): i64 {
  return (v * m + (1 << (s - 1))) >> s;
}

/** v within s48: the product has 79 bits, held as high * 2^32 + low. */
export function rescale48(v: i64, m: i64, s: i64): i64 {
  const part = (v & 0xffffffff) * m;
  let high = (v >> 32) * m + (part >>> 32);
  let low = part & 0xffffffff;
  if (s > 32) {
    high += 1 << (s - 33);
    return high >> (s - 32);
  }
  low += 1 << (s - 1);
  high += low >> 32;
  low &= 0xffffffff;
  return s == 32 ? high : (high << (32 - s)) | (low >> s);
}

// @ts-ignore: decorator
@inline
export function saturate32(v: i64): i32 {
  return <i32>max<i64>(min<i64>(v, i32.MAX_VALUE), i32.MIN_VALUE);
}

// A factor of four lanes: multiplier, power 2^d, limit (s32x4 each), 2^(T-1) (s64x2), T - 32.
export const FACTOR_BYTES: usize = 80;

/** Fills `factor` from four (multiplier, shift) pairs of s32, `stride` bytes apart. False where lanes can't do it exactly. */
export function makeFactor(factor: usize, pairs: usize, stride: usize, low: i32, high: i32): bool {
  let top: i32 = 32;
  for (let i: usize = 0; i < 4; i++) {
    const m = load<i32>(pairs + i * stride);
    if (m != 0) top = max(top, load<i32>(pairs + i * stride, 4));
  }
  const reach = max<i64>(-<i64>low, high) + 1;
  for (let i: usize = 0; i < 4; i++) {
    const m = load<i32>(pairs + i * stride);
    const d = m == 0 ? 0 : top - load<i32>(pairs + i * stride, 4);
    if (d > 30 || (d > 0 && (top > 60 || <i64>1 << (60 - top) < reach))) return false;
    store<i32>(factor + 4 * i, m);
    store<i32>(factor + 4 * i, 1 << d, 16);
    store<i32>(factor + 4 * i, i32.MAX_VALUE >> d, 32);
  }
  const half: i64 = <i64>1 << (top - 1);
  store<i64>(factor, half, 48);
  store<i64>(factor, half, 56);
  store<i32>(factor, top - 32, 64);
  return true;
}

// @ts-ignore: decorator
@inline
export function rescale4(v: v128, multiplier: v128, power: v128, limit: v128, half: v128, shift: i32): v128 {
  v = i32x4.max_s(i32x4.min_s(v, limit), i32x4.neg(limit));
  v = i32x4.mul(v, power);
  const even = i64x2.add(i64x2.extmul_low_i32x4_s(v, multiplier), half);
  const odd = i64x2.add(i64x2.extmul_high_i32x4_s(v, multiplier), half);
  return i32x4.shr_s(v128.shuffle<i32>(even, odd, 1, 3, 5, 7), shift);
}

/** Rescales `count` s32 in place by one factor; reads and writes whole vectors. */
export function rescaleRun(run: usize, count: i32, factor: usize): void {
  const multiplier = v128.load(factor);
  const power = v128.load(factor, 16);
  const limit = v128.load(factor, 32);
  const half = v128.load(factor, 48);
  const shift = load<i32>(factor, 64);
  const end = run + (<usize>count << 2);
  for (; run < end; run += 16) v128.store(run, rescale4(v128.load(run), multiplier, power, limit, half, shift));
}

/** The same, one by one, for factors that lanes can't take. */
export function rescaleEach(run: usize, count: i32, m: i64, s: i64): void {
  const end = run + (<usize>count << 2);
  for (; run < end; run += 4) store<i32>(run, saturate32(rescale32(load<i32>(run), m, s)));
}
