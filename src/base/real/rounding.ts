// Roundings, and the whole-number form of a real factor (docs/integer-spec.md §2).
import { Fault } from '../fault.ts';
import { splitPower, timesPowerOfTwo } from './parts.ts';

/** A real factor as multiplier / 2^shift: multiplier in [2^30, 2^31) or 0, shift in 17..62. */
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

/** Throws a Fault on factors of 2^14 or more, which have no shift of at least 17. */
export function scaleToMultiplier(real: number): Multiplier {
  if (!(real >= 0)) throw new Error(`BUG: ${real} is no factor of a rescale`);
  if (real === 0) return { multiplier: 0, shift: 62 };
  if (real >= 16384) throw tooLarge(real);
  const { mantissa, exponent } = splitPower(real);
  let shift = 30 - exponent;
  let multiplier = roundHalfAway(timesPowerOfTwo(mantissa, 30));
  if (multiplier === 2 ** 31) [multiplier, shift] = [2 ** 30, shift - 1];
  if (shift > 62) return { multiplier: 0, shift: 62 };
  if (shift < 17) throw tooLarge(real);
  return { multiplier, shift };
}

function tooLarge(real: number): Fault {
  return new Fault({
    what: `a scale ratio of ${real} is too large to rescale by`,
    facts: [
      ['limit', 'below 16384 (2^14)'],
      ['cause', 'the output range is tiny against the range of the inputs'],
      ['try', 'calibrate with data that reach the usual range, or give the output 16 bits'],
    ],
  });
}
