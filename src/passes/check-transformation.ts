// Compares a graph before and after a rewrite on one seeded random input: a guard against passes that are wrong, not against rounding.
import { dtypeBytes, elements } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import type { Graph, TensorType } from '../graph/graph.ts';
import { bytesOfNumbers, numbersOf } from '../graph/numbers.ts';

export interface TransformationCheck {
  /** What was done, for the fault. */
  readonly pass: string;
  readonly before: Graph;
  readonly after: Graph;
  /** Runs a graph in float: raw bytes by input name -> raw bytes of the outputs, in their order. */
  readonly run: (graph: Graph, inputs: Readonly<Record<string, Uint8Array>>) => Promise<readonly Uint8Array[]>;
  readonly seed: number;
  /** Greatest difference allowed, as a share of the output's largest magnitude. */
  readonly tolerance?: number;
}

/** The greatest difference found, as a share of the output's largest magnitude. Throws a Fault when it is above the tolerance. */
export async function checkTransformation({ pass, before, after, run, seed, tolerance = 1e-3 }: TransformationCheck): Promise<number> {
  const next = noise(seed);
  const inputs = Object.fromEntries(before.inputs.map((tensor) => [tensor, randomBytes(before.types[tensor]!, next)]));
  const [expected, actual] = [await run(before, inputs), await run(after, inputs)];
  let worst = 0;
  before.outputs.forEach((tensor, i) => {
    const { dtype } = before.types[tensor]!;
    const [a, b] = [numbersOf(expected[i]!, dtype), numbersOf(actual[i]!, dtype)];
    const scale = a.reduce((size, value) => Math.max(size, Math.abs(value)), 1e-6);
    const difference = a.reduce((size, value, at) => Math.max(size, same(value, b[at]!) ? 0 : Math.abs(value - b[at]!) / scale), 0);
    // A NaN on one side only makes the difference NaN, which no comparison would catch.
    if (!(difference <= tolerance)) {
      throw new Fault({
        what: `pass ${pass} changed the network's output "${tensor}"`,
        facts: [['difference', `${difference} of its largest value, ${tolerance} allowed`], ['try', `onnx_opt.disable_onnx_optimization, and report this model`]],
      });
    }
    worst = Math.max(worst, difference);
  });
  return worst;
}

function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** Numbers in [-1, 1] for floats; small whole numbers for integers, booleans included. */
function randomBytes({ dtype, shape }: TensorType, next: () => number): Uint8Array {
  const isFloat = dtype.startsWith('FP');
  const numbers = Array.from({ length: elements(shape) }, () => (isFloat ? 2 * next() - 1 : Math.floor(next() * (dtypeBytes(dtype) === 1 ? 2 : 4))));
  return bytesOfNumbers(numbers, dtype);
}

/** mulberry32: numbers in [0, 1). */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
