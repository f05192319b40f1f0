// The error function: a series of positive terms near zero, a continued fraction of 1 - erf in the tails.
import { exp } from './exponential.ts';

const twoBySqrtPi = 1.1283791670955126;
const oneBySqrtPi = 0.5641895835477563;

export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return x > 0 ? 1 : -1;
  if (size > 2.5) return x > 0 ? 1 - tail(size) : tail(size) - 1;
  // erf(x) = 2/sqrt(pi) exp(-x²) (x + 2x³/3 + 4x⁵/15 + …); NaN falls through and stays NaN.
  const square = x * x;
  let term = x;
  let sum = x;
  for (let odd = 3; odd < 130 && Math.abs(term) > 1e-18 * Math.abs(sum); odd += 2) {
    term *= (2 * square) / odd;
    sum += term;
  }
  return twoBySqrtPi * gauss(x) * sum;
}

/** 1 - erf(x) for x > 2.5 (Laplace's continued fraction). */
function tail(x: number): number {
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return (oneBySqrtPi * gauss(x)) / fraction;
}

/** exp(-x²) without the error of squaring: x is cut so that the square of its front is exact. */
function gauss(x: number): number {
  const front = Math.fround(x);
  return exp(-front * front) * exp(-(x - front) * (x + front));
}
