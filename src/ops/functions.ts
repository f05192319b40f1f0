// The scalar functions that a chain of fused operators is made of. Each is total: a finite x gives a finite number. Outside of its domain
// (sqrt, log, pow below 0) a function keeps the value at the domain's edge, because a table reaches a little beyond the calibrated range.
import { cos, erf, exp, log, pow, sigmoid, sin, tanh } from '../base/real.ts';
import type { UnaryCall } from './group.ts';

export interface UnaryFunction {
  readonly name: string;
  /** What it computes, with its arguments. */
  readonly about: string;
  /** f64, the same bits on every machine. */
  evaluate(x: number, args: readonly number[]): number;
  /** Where it has a kink: a table should have a node there. */
  breakpoints(args: readonly number[]): readonly number[];
  /** [lo, hi] of a function that only clamps: it narrows the epilogue's lo and hi instead of becoming a table. */
  clamp?(args: readonly number[]): readonly [number, number];
  /** True where its slope has no bound near a breakpoint: a table behind an accumulator misses it there, so it is computed from codes, by itself. */
  isSteep?(args: readonly number[]): boolean;
  /** Range of its values where that is better than a calibrated one. */
  readonly range?: readonly [number, number];
}

const big = 3.4028234663852886e38;
const tiny = 1.1754943508222875e-38;
const none = (): readonly number[] => [];
const at = (...points: number[]) => (): readonly number[] => points;
/** exp that stays finite. */
const grow = (x: number): number => exp(Math.min(x, 88.72));
/** Angles larger than this mean nothing in f32. */
const turned = (x: number): number => clip(x, -1.6e6, 1.6e6);
const softplus = (x: number): number => Math.max(x, 0) + log(1 + exp(-Math.abs(x)));
const clip = (x: number, lo: number, hi: number): number => Math.min(Math.max(x, lo), hi);

export const functions: readonly UnaryFunction[] = [
  { name: 'affine', about: 'args[0] * x + args[1]', evaluate: (x, [a, b]) => a! * x + b!, breakpoints: none },
  { name: 'relu', about: 'max(x, 0)', evaluate: (x) => Math.max(x, 0), breakpoints: at(0), clamp: () => [0, Infinity] },
  {
    name: 'clip', about: 'min(max(x, args[0]), args[1])',
    evaluate: (x, [lo, hi]) => clip(x, lo!, hi!), breakpoints: (args) => args.filter((bound) => Math.abs(bound) < big), clamp: ([lo, hi]) => [lo!, hi!],
  },
  { name: 'leaky_relu', about: 'x where x >= 0, else args[0] * x', evaluate: (x, [slope]) => (x >= 0 ? x : slope! * x), breakpoints: at(0) },
  { name: 'hard_sigmoid', about: 'min(max(args[0] * x + args[1], 0), 1)', evaluate: (x, [a, b]) => clip(a! * x + b!, 0, 1), breakpoints: ([a, b]) => (a === 0 ? [] : [-b! / a!, (1 - b!) / a!]), range: [0, 1] },
  { name: 'hard_swish', about: 'x * min(max(x + 3, 0), 6) / 6', evaluate: (x) => (x * clip(x + 3, 0, 6)) / 6, breakpoints: at(-3, 3) },
  { name: 'sigmoid', about: '1 / (1 + exp(-x))', evaluate: (x) => sigmoid(x), breakpoints: none, range: [0, 1] },
  { name: 'silu', about: 'x * sigmoid(x)', evaluate: (x) => x * sigmoid(x), breakpoints: none },
  { name: 'quick_gelu', about: 'x * sigmoid(args[0] * x)', evaluate: (x, [alpha]) => x * sigmoid(alpha! * x), breakpoints: none },
  { name: 'tanh', about: 'tanh(x)', evaluate: (x) => tanh(x), breakpoints: none },
  { name: 'gelu', about: 'x / 2 * (1 + erf(x / sqrt(2)))', evaluate: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)), breakpoints: none },
  {
    name: 'gelu_tanh', about: 'x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))',
    evaluate: (x) => (x / 2) * (1 + tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))), breakpoints: none,
  },
  { name: 'elu', about: 'x where x >= 0, else args[0] * (exp(x) - 1)', evaluate: (x, [alpha]) => (x >= 0 ? x : alpha! * (exp(x) - 1)), breakpoints: at(0) },
  {
    name: 'selu', about: 'args[1] * elu(x) with alpha args[0]',
    evaluate: (x, [alpha, gamma]) => gamma! * (x >= 0 ? x : alpha! * (exp(x) - 1)), breakpoints: at(0),
  },
  { name: 'softplus', about: 'log(1 + exp(x))', evaluate: softplus, breakpoints: none },
  { name: 'softsign', about: 'x / (1 + |x|)', evaluate: (x) => x / (1 + Math.abs(x)), breakpoints: at(0) },
  { name: 'mish', about: 'x * tanh(softplus(x))', evaluate: (x) => x * tanh(softplus(x)), breakpoints: none },
  { name: 'erf', about: 'erf(x)', evaluate: (x) => erf(x), breakpoints: none },
  { name: 'exp', about: 'exp(x)', evaluate: grow, breakpoints: none },
  { name: 'log', about: 'log(x)', evaluate: (x) => log(Math.max(x, tiny)), breakpoints: at(0), isSteep: () => true },
  { name: 'sqrt', about: 'sqrt(x)', evaluate: (x) => Math.sqrt(Math.max(x, 0)), breakpoints: at(0), isSteep: () => true },
  { name: 'square', about: 'x * x', evaluate: (x) => x * x, breakpoints: none },
  { name: 'pow', about: 'x ^ args[0]', evaluate: power, breakpoints: at(0), isSteep: ([exponent]) => exponent! < 1 },
  { name: 'abs', about: '|x|', evaluate: (x) => Math.abs(x), breakpoints: at(0) },
  { name: 'neg', about: '-x', evaluate: (x) => -x, breakpoints: none },
  { name: 'reciprocal', about: 'args[0] / x', evaluate: (x, [over]) => clip(over! / (Math.abs(x) < tiny ? (x < 0 ? -tiny : tiny) : x), -big, big), breakpoints: at(0), isSteep: () => true },
  { name: 'sin', about: 'sin(x)', evaluate: (x) => sin(turned(x)), breakpoints: none },
  { name: 'cos', about: 'cos(x)', evaluate: (x) => cos(turned(x)), breakpoints: none },
];

const byName = new Map(functions.map((fn) => [fn.name, fn]));

export function functionOf(name: string): UnaryFunction {
  const found = byName.get(name);
  if (found === undefined) throw new Error(`BUG: no unary function is called "${name}"`);
  return found;
}

/** The value of a chain of functions, applied in order. */
export function applyChain(chain: readonly UnaryCall[], x: number): number {
  return chain.reduce((value, { fn, args }) => functionOf(fn).evaluate(value, args), x);
}

/** A whole exponent keeps the sign of a negative base; any other has none there. */
function power(x: number, args: readonly number[]): number {
  const exponent = args[0]!;
  const whole = Number.isInteger(exponent);
  const base = exponent < 0 ? Math.max(Math.abs(x), tiny) : Math.abs(x);
  if (x < 0 && !whole) return exponent < 0 ? clip(pow(tiny, exponent), -big, big) : 0;
  const size = base === 0 ? (exponent === 0 ? 1 : 0) : clip(pow(base, exponent), -big, big);
  return x < 0 && whole && exponent % 2 !== 0 ? -size : size;
}
