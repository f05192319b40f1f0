// Roundings, and the whole-number form of a real factor (docs/integer-spec.md §2).
import { splitPower, timesPowerOfTwo } from './parts.ts';

/** A real factor as multiplier / 2^shift: multiplier in [2^30, 2^31), or below that at shift 62; shift in 17..62. */
export interface Multiplier {
  readonly multiplier: number;
  readonly shift: number;
}

/** To the nearest whole number, halves to the even one (C's rint). */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** To the nearest whole number, halves away from zero (C's round). */
export function roundHalfAway(x: number): number {
  const size = Math.abs(x);
  const floor = Math.floor(size);
  const rounded = size - floor < 0.5 ? floor : floor + 1;
  return x < 0 ? -rounded : rounded;
}

/**
 * A factor of 2^14 or more, which has no shift of at least 17, becomes the largest that has: it belongs to an output whose range is next to
 * nothing (a tensor that calibration saw only zeros of), which saturates either way.
 */
export function scaleToMultiplier(real: number): Multiplier {
  if (!(real >= 0)) throw new Error(`BUG: ${real} is no factor of a rescale`);
  if (real < 2 ** -32) return { multiplier: roundHalfAway(real * 2 ** 62), shift: 62 };
  const { mantissa, exponent } = splitPower(Math.min(real, 16383.999));
  let shift = 30 - exponent;
  let multiplier = roundHalfAway(timesPowerOfTwo(mantissa, 30));
  if (multiplier === 2 ** 31) [multiplier, shift] = [2 ** 30, shift - 1];
  return { multiplier, shift };
}
