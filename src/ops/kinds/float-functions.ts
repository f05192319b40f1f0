// The functions that a group of FP32 has, as docs/integer-spec.md §8 writes them: every operation rounded once, in the order written.

/** What is no number becomes 0. */
export function settled(y: number): number {
  const rounded = Math.fround(y);
  return Number.isNaN(rounded) ? 0 : rounded;
}

const clip = (x: number, lo: number, hi: number): number => (x < lo ? lo : x > hi ? hi : x);
const affine = (x: number, a: number, b: number): number => Math.fround(Math.fround(a * x) + b);
const sigmoid = (x: number): number => Math.fround(1 / (1 + exponential(-x)));

/** By the name that a chain of functions calls them; `a` and `b` are f32. */
export const floatFunctions: Readonly<Record<string, (x: number, a: number, b: number) => number>> = {
  affine,
  relu: (x) => (x > 0 ? x : 0),
  clip,
  leaky_relu: (x, a) => (x >= 0 ? x : a * x),
  sigmoid,
  silu: (x) => x * sigmoid(x),
  hard_sigmoid: (x, a, b) => clip(affine(x, a, b), 0, 1),
  hard_swish: (x) => Math.fround(x * clip(Math.fround(x + 3), 0, 6)) / 6,
  reciprocal: (x, a) => a / x,
};

// 1 / 10! … 1 / 0!
const coefficients = Array.from({ length: 11 }, (_, i) => 1 / factorial(10 - i));

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** exp of the specification, in double precision. */
export function exponential(x: number): number {
  const z = clip(x, -100, 100);
  const k = nearest(z * 1.4426950408889634);
  const r = z - k * 0.693145751953125 - k * 0.0000014286068203094173;
  let p = 0;
  coefficients.forEach((c, i) => (p = i === 0 ? c : p * r + c));
  return p * 2 ** k;
}

/** rint of a number far below 2^51. */
function nearest(x: number): number {
  return x + 1.5 * 2 ** 52 - 1.5 * 2 ** 52;
}
