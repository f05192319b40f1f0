// exp and log by their series after a reduction to a small interval; log carries some 60 bits, which pow needs.
import { productError, splitPower, timesPowerOfTwo } from './parts.ts';

// ln 2 in two parts; the first has 32 bits, so that k * ln2High is exact.
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
const inverseLn2 = 1.4426950408889634;

/** 1/2!, 1/3! … 1/14!: enough for |r| <= ln(2)/2. */
const inverseFactorials = [
  1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320, 1 / 362880, 1 / 3628800, 1 / 39916800, 1 / 479001600, 1 / 6227020800, 1 / 87178291200,
];

/** 1/3, 1/5 … 1/25: enough for s² <= 0.0295. */
const inverseOdds = [1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11, 1 / 13, 1 / 15, 1 / 17, 1 / 19, 1 / 21, 1 / 23, 1 / 25];

export function exp(x: number): number {
  return expOfSum(x, 0);
}

export function log(x: number): number {
  if (x !== x || x < 0) return NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return Infinity;
  return logParts(x).high;
}

/** x^y with C's special cases: pow(1, y) = pow(x, 0) = 1; a negative x needs a whole y. */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (x !== x || y !== y) return NaN;
  const whole = Math.floor(y) === y;
  const odd = whole && Math.abs(y) < 2 ** 53 && y % 2 !== 0;
  if (x < 0 || Object.is(x, -0)) {
    if (!whole && x !== 0 && x !== -Infinity) return NaN;
    return odd ? -pow(-x, y) : pow(-x, y);
  }
  if (x === 0 || x === Infinity || Math.abs(y) === Infinity) {
    return x < 1 === y < 0 ? Infinity : 0;
  }
  const { high, low } = logParts(x);
  const product = y * high;
  if (Math.abs(product) > 800) return product > 0 ? Infinity : 0;
  return expOfSum(product, productError(y, high, product) + y * low);
}

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}

export function tanh(x: number): number {
  if (Math.abs(x) > 0.55) return x > 0 ? 1 - 2 / (exp(2 * x) + 1) : 2 / (exp(-2 * x) + 1) - 1;
  // Lambert's continued fraction, from its tail: relative accuracy down to zero.
  const square = x * x;
  let tail = 19;
  for (let odd = 17; odd >= 1; odd -= 2) tail = odd + square / tail;
  return x / tail;
}

/** exp(high + low), |low| tiny against |high|. */
function expOfSum(high: number, low: number): number {
  if (high !== high) return NaN;
  if (high > 709.79) return Infinity;
  if (high < -745.2) return 0;
  const k = Math.floor(high * inverseLn2 + 0.5);
  const front = high - k * ln2High;
  const rest = low - k * ln2Low;
  const r = front + rest;
  const lost = front - r + rest;
  let series = 0;
  for (let i = inverseFactorials.length - 1; i >= 0; i--) series = series * r + inverseFactorials[i]!;
  return timesPowerOfTwo(1 + (r + (lost + r * r * series)), k);
}

/** log(x) = high + low to about 60 bits, for finite x > 0: log(m) = 2 atanh(s), s = (m - 1) / (m + 1). */
function logParts(x: number): { readonly high: number; readonly low: number } {
  const split = splitPower(x);
  const above = split.mantissa > 1.4142135623730951;
  const m = above ? split.mantissa / 2 : split.mantissa;
  const k = above ? split.exponent + 1 : split.exponent;
  const sum = m + 1;
  const sumLost = m - (sum - 1);
  const s = (m - 1) / sum;
  const back = s * sum;
  const sLost = (m - 1 - back - productError(s, sum, back) - s * sumLost) / sum;
  const square = s * s;
  let series = 0;
  for (let i = inverseOdds.length - 1; i >= 0; i--) series = series * square + inverseOdds[i]!;
  const tail = 2 * sLost + 2 * s * square * series + k * ln2Low;
  const big = k * ln2High;
  const top = big + 2 * s;
  const topLost = k === 0 ? 0 : big - top + 2 * s;
  const high = top + (topLost + tail);
  return { high, low: top - high + (topLost + tail) };
}
