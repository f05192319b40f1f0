// Spec §3: rescaled values to output codes. Both forms begin alike, x = clamp(r, low, high) + zero; a table then interpolates.
import { word } from './block';
import { rescale4 } from './rescale';

const CLAMP: i32 = 0;
/** The table's entries times 2^F fit s32: each node is kept as (T << F + half, difference) and looked up by lanes. */
const NARROW: i32 = 1;
const WIDE: i32 = 2;

let mode: i32 = 0;
let low: i32 = 0;
let high: i32 = 0;
let zero: i32 = 0;
let lowest: i32 = 0;
let highest: i32 = 0;
let table: usize = 0;
let fraction: i32 = 0;
let drop: i32 = 0;

/** Reads the seven operands that start at word `at`; `scratch` takes the expanded table. */
export function beginEpilogue(block: usize, at: i32, scratch: usize): void {
  zero = word(block, at);
  lowest = word(block, at + 1);
  highest = word(block, at + 2);
  table = load<u32>(block + (<usize>(at + 3) << 2));
  const bits = word(block, at + 5);
  fraction = word(block, at + 6);
  drop = fraction + word(block, at + 7);
  if (table == 0) {
    mode = CLAMP;
    low = lowest - zero;
    high = highest - zero;
    return;
  }
  low = -zero;
  high = <i32>((<i64>1 << (bits + fraction)) - 1 - zero);
  mode = bits <= 12 && expandTable(1 << bits, scratch) ? NARROW : WIDE;
}

export function lowBound(): i32 {
  return low;
}

export function highBound(): i32 {
  return high;
}

function expandTable(nodes: i32, scratch: usize): bool {
  const half: i32 = 1 << (drop - 1);
  // |T| * 2^F + 2^(F+V-1) < 2^31. Differences may wrap: the sum that they lead to fits again.
  const limit: i32 = (i32.MAX_VALUE - half) >> fraction;
  if (drop > 31) return false;
  let from = table;
  let to = scratch;
  let here = load<i32>(from);
  let widest: i32 = abs(here);
  for (let i = 0; i < nodes; i++) {
    from += 4;
    const next = load<i32>(from);
    widest = max(widest, abs(next));
    store<i32>(to, (here << fraction) + half);
    store<i32>(to, next - here, 4);
    to += 8;
    here = next;
  }
  // abs(-2^31) is negative: compare unsigned.
  if (<u32>widest > <u32>limit) return false;
  table = scratch;
  return true;
}

// @ts-ignore: decorator
@inline
function codes4(how: i32, r: v128, lows: v128, highs: v128, zeros: v128): v128 {
  const x = i32x4.add(i32x4.max_s(i32x4.min_s(r, highs), lows), zeros);
  if (how == CLAMP) return x;
  return how == NARROW ? interpolate4(x) : interpolateEach(x);
}

// @ts-ignore: decorator
@inline
function interpolate4(x: v128): v128 {
  const at = i32x4.shl(i32x4.shr_u(x, fraction), 3);
  const g = v128.and(x, i32x4.splat((1 << fraction) - 1));
  let first = v128.load_zero<u64>(table + i32x4.extract_lane(at, 0));
  first = v128.load_lane<u64>(table + i32x4.extract_lane(at, 1), first, 1);
  let second = v128.load_zero<u64>(table + i32x4.extract_lane(at, 2));
  second = v128.load_lane<u64>(table + i32x4.extract_lane(at, 3), second, 1);
  const base = v128.shuffle<i32>(first, second, 0, 2, 4, 6);
  const slope = v128.shuffle<i32>(first, second, 1, 3, 5, 7);
  const y = i32x4.shr_s(i32x4.add(base, i32x4.mul(slope, g)), drop);
  return i32x4.max_s(i32x4.min_s(y, i32x4.splat(highest)), i32x4.splat(lowest));
}

function interpolateEach(x: v128): v128 {
  let q = i32x4.splat(interpolate(i32x4.extract_lane(x, 0)));
  q = i32x4.replace_lane(q, 1, interpolate(i32x4.extract_lane(x, 1)));
  q = i32x4.replace_lane(q, 2, interpolate(i32x4.extract_lane(x, 2)));
  return i32x4.replace_lane(q, 3, interpolate(i32x4.extract_lane(x, 3)));
}

function interpolate(x: i32): i32 {
  const node = table + (<usize>(x >> fraction) << 2);
  const here: i64 = load<i32>(node);
  const next: i64 = load<i32>(node, 4);
  const g: i64 = x & ((1 << fraction) - 1);
  const y = ((here << fraction) + (next - here) * g + (<i64>1 << (drop - 1))) >> drop;
  return <i32>max<i64>(min<i64>(y, highest), lowest);
}

/** Rescaled values (s32, saturated) at `run` to `count` codes at `out`. Reads whole vectors, writes exactly the codes. */
export function finishRun(run: usize, count: i32, out: usize, bytes: i32): void {
  if (mode == CLAMP) finishRunAs(CLAMP, run, count, out, bytes);
  else if (mode == NARROW) finishRunAs(NARROW, run, count, out, bytes);
  else finishRunAs(WIDE, run, count, out, bytes);
}

// @ts-ignore: decorator
@inline
function finishRunAs(how: i32, run: usize, count: i32, out: usize, bytes: i32): void {
  const lows = i32x4.splat(low);
  const highs = i32x4.splat(high);
  const zeros = i32x4.splat(zero);
  for (; count >= 8; count -= 8) {
    const q = i16x8.narrow_i32x4_u(codes4(how, v128.load(run), lows, highs, zeros), codes4(how, v128.load(run, 16), lows, highs, zeros));
    if (bytes == 1) {
      v128.store_lane<u64>(out, i8x16.narrow_i16x8_u(q, q), 0);
      out += 8;
    } else {
      v128.store(out, q);
      out += 16;
    }
    run += 32;
  }
  if (count > 0) {
    const q = i16x8.narrow_i32x4_u(codes4(how, v128.load(run), lows, highs, zeros), codes4(how, v128.load(run, 16), lows, highs, zeros));
    storeSome(q, count, out, bytes);
  }
}

/** The first `count` (under 8) of eight u16 lanes. */
export function storeSome(q: v128, count: i32, out: usize, bytes: i32): void {
  if (bytes == 1) {
    let rest = i64x2.extract_lane(i8x16.narrow_i16x8_u(q, q), 0);
    for (let i = 0; i < count; i++, rest >>>= 8) store<u8>(out + i, <u8>rest);
    return;
  }
  let rest = i64x2.extract_lane(q, 0);
  for (let i = 0; i < count; i++, rest >>>= 16) {
    if (i == 4) rest = i64x2.extract_lane(q, 1);
    store<u16>(out + (<usize>i << 1), <u16>rest);
  }
}

/**
 * Accumulators of eight channels at `count` positions (s32 [position][8]) to codes: rescaled by two factors at `factors`, or already
 * rescaled where `factors` is 0. `places` holds two words a position, the second the address of channel 0's code; `at` is where these eight
 * start behind it; the first `valid` are written.
 */
export function finishEights(acc: usize, count: i32, factors: usize, places: usize, at: usize, valid: i32, bytes: i32): void {
  if (mode == CLAMP) {
    if (factors != 0) finishEightsAs(CLAMP, true, acc, count, factors, places, at, valid, bytes);
    else finishEightsAs(CLAMP, false, acc, count, factors, places, at, valid, bytes);
  } else if (mode == NARROW) {
    if (factors != 0) finishEightsAs(NARROW, true, acc, count, factors, places, at, valid, bytes);
    else finishEightsAs(NARROW, false, acc, count, factors, places, at, valid, bytes);
  } else {
    if (factors != 0) finishEightsAs(WIDE, true, acc, count, factors, places, at, valid, bytes);
    else finishEightsAs(WIDE, false, acc, count, factors, places, at, valid, bytes);
  }
}

// @ts-ignore: decorator
@inline
function finishEightsAs(how: i32, scaled: bool, acc: usize, count: i32, factors: usize, places: usize, at: usize, valid: i32, bytes: i32): void {
  const lows = i32x4.splat(low);
  const highs = i32x4.splat(high);
  const zeros = i32x4.splat(zero);
  const end = acc + (<usize>count << 5);
  for (; acc < end; acc += 32, places += 8) {
    let a = v128.load(acc);
    let b = v128.load(acc, 16);
    if (scaled) {
      a = rescale4(a, v128.load(factors), v128.load(factors, 16), v128.load(factors, 32), v128.load(factors, 48), load<i32>(factors, 64));
      b = rescale4(b, v128.load(factors, 80), v128.load(factors, 96), v128.load(factors, 112), v128.load(factors, 128), load<i32>(factors, 144));
    }
    const q = i16x8.narrow_i32x4_u(codes4(how, a, lows, highs, zeros), codes4(how, b, lows, highs, zeros));
    const out = <usize>load<u32>(places, 4) + at;
    if (valid < 8) storeSome(q, valid, out, bytes);
    else if (bytes == 1) v128.store_lane<u64>(out, i8x16.narrow_i16x8_u(q, q), 0);
    else v128.store(out, q);
  }
}
