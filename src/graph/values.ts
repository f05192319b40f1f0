// Values of small tensors that a model computes from shapes and constants. Not a float reference: only what shape arithmetic is made
// of. An operator that isn't here leaves its output unknown.
import { elements, type DType } from '../base/dtype.ts';
import type { Node, TensorType } from './graph.ts';

export interface Values extends TensorType {
  /** Row-major. Integers are exact up to 2^53. */
  readonly numbers: readonly number[];
}

/** Tensors with more elements than this are no shape arithmetic. */
export const valuesMax = 4096;

export interface Evaluation {
  readonly node: Node;
  /** Type of the node's first output. */
  readonly output: TensorType;
  readonly inputs: readonly (TensorType | undefined)[];
  /** Values of the inputs, where they are known. */
  readonly values: readonly (Values | undefined)[];
}

/** Numbers of the first output, if they follow from what is known. */
export function evaluate(evaluation: Evaluation): readonly number[] | undefined {
  if (evaluation.node.domain !== '') return undefined;
  const { op, inputs } = evaluation.node;
  const ofShape = shapeRules[op];
  if (ofShape !== undefined) return ofShape(evaluation);
  const rule = rules[op];
  if (rule === undefined || inputs.some((tensor, i) => tensor !== '' && evaluation.values[i] === undefined)) return undefined;
  const numbers = rule(evaluation, evaluation.values.map((values) => values ?? nothing));
  if (numbers?.length !== elements(evaluation.output.shape)) return undefined;
  const cast = casters[evaluation.output.dtype];
  const stored = cast === undefined ? undefined : numbers.map(cast);
  return stored?.some(Number.isNaN) ? undefined : stored;
}

const nothing: Values = { dtype: 'S64', shape: [0], numbers: [] };

type ShapeRule = (evaluation: Evaluation) => readonly number[] | undefined;
type Rule = (evaluation: Evaluation, inputs: readonly Values[]) => readonly number[] | undefined;

/** These read the shape of their input, never its values. */
const shapeRules: Readonly<Record<string, ShapeRule>> = {
  Shape: ({ node, inputs }) => {
    const rank = inputs[0]?.shape.length ?? 0;
    const bound = (value: unknown, missing: number): number => (typeof value === 'number' ? Math.min(rank, Math.max(0, value < 0 ? value + rank : value)) : missing);
    return inputs[0]?.shape.slice(bound(node.attributes['start'], 0), bound(node.attributes['end'], rank));
  },
  Size: ({ inputs }) => (inputs[0] === undefined ? undefined : [elements(inputs[0].shape)]),
};

const copy: Rule = (_, [x]) => x!.numbers;

const rules: Readonly<Record<string, Rule>> = {
  Identity: copy,
  Cast: copy,
  Reshape: copy,
  Flatten: copy,
  Squeeze: copy,
  Unsqueeze: copy,
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: (evaluation, inputs) => binary(isFloat(evaluation.output.dtype) ? (a, b) => a / b : (a, b) => (b === 0 ? NaN : Math.trunc(a / b)))(evaluation, inputs),
  Min: binary(Math.min),
  Max: binary(Math.max),
  Equal: binary((a, b) => Number(a === b)),
  Less: binary((a, b) => Number(a < b)),
  Greater: binary((a, b) => Number(a > b)),
  And: binary((a, b) => Number(a !== 0 && b !== 0)),
  Or: binary((a, b) => Number(a !== 0 || b !== 0)),
  Not: (_, [x]) => x!.numbers.map((n) => Number(n === 0)),
  Neg: (_, [x]) => x!.numbers.map((n) => (n === 0 ? 0 : -n)),
  Abs: (_, [x]) => x!.numbers.map(Math.abs),
  Floor: (_, [x]) => x!.numbers.map(Math.floor),
  Ceil: (_, [x]) => x!.numbers.map(Math.ceil),
  Where: ({ output }, [condition, a, b]) => {
    const [c, x, y] = [spread(condition!, output.shape), spread(a!, output.shape), spread(b!, output.shape)];
    return c.map((yes, i) => (yes !== 0 ? x[i]! : y[i]!));
  },
  Expand: ({ output }, [x]) => spread(x!, output.shape),
  Range: ({ output }, [start, , step]) => Array.from({ length: output.shape[0] ?? 0 }, (_, i) => start!.numbers[0]! + i * step!.numbers[0]!),
  Concat: ({ node, output }, inputs) => {
    const axis = axisOf(node.attributes['axis'], output.shape.length);
    const outer = elements(output.shape.slice(0, axis));
    return Array.from({ length: outer }, (_, row) =>
      inputs.flatMap((x) => {
        const run = elements(x.shape.slice(axis));
        return x.numbers.slice(row * run, (row + 1) * run);
      }),
    ).flat();
  },
  Gather: ({ node }, [x, indices]) => {
    const axis = axisOf(node.attributes['axis'] ?? 0, x!.shape.length);
    const size = x!.shape[axis] ?? 0;
    const inner = elements(x!.shape.slice(axis + 1));
    const outer = elements(x!.shape.slice(0, axis));
    if (indices!.numbers.some((index) => index < -size || index >= size)) return undefined;
    return Array.from({ length: outer }, (_, row) =>
      indices!.numbers.flatMap((index) => {
        const at = (row * size + (index < 0 ? index + size : index)) * inner;
        return x!.numbers.slice(at, at + inner);
      }),
    ).flat();
  },
  Slice: (_, [x, starts, ends, axes, steps]) => {
    // Shape vectors are what gets sliced: one dimension.
    if (x!.shape.length !== 1 || starts!.numbers.length !== 1 || (axes?.numbers[0] ?? 0) > 0) return undefined;
    const size = x!.shape[0]!;
    const step = steps?.numbers[0] ?? 1;
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const bound = (value: number, from: number): number => Math.min(high, Math.max(from, value < 0 ? value + size : value));
    const start = bound(starts!.numbers[0]!, Math.max(0, low));
    const end = bound(ends!.numbers[0]!, low);
    const picked: number[] = [];
    for (let i = start; step > 0 ? i < end : i > end; i += step) picked.push(x!.numbers[i]!);
    return picked;
  },
  ReduceProd: ({ output }, [x]) => (elements(output.shape) === 1 ? [x!.numbers.reduce((a, b) => a * b, 1)] : undefined),
};

function binary(f: (a: number, b: number) => number): Rule {
  return ({ output, node }, [a, b]) => {
    if (node.inputs.length !== 2) return undefined;
    const [x, y] = [spread(a!, output.shape), spread(b!, output.shape)];
    return x.map((n, i) => f(n, y[i]!));
  };
}

/** NumPy broadcasting of a tensor to a shape. */
function spread({ shape, numbers }: Values, to: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides.unshift(shape[axis] === 1 ? 0 : stride);
    stride *= shape[axis]!;
  }
  const lead = to.length - shape.length;
  return Array.from({ length: elements(to) }, (_, i) => {
    let at = 0;
    let rest = i;
    for (let axis = to.length - 1; axis >= lead; axis--) {
      at += (rest % to[axis]!) * strides[axis - lead]!;
      rest = Math.floor(rest / to[axis]!);
    }
    return numbers[at]!;
  });
}

function axisOf(axis: unknown, rank: number): number {
  const value = typeof axis === 'number' ? axis : 0;
  return value < 0 ? value + rank : value;
}

function isFloat(dtype: DType): boolean {
  return dtype === 'FP32' || dtype === 'FP16' || dtype === 'FP64';
}

/** How a number is stored in a type. Types that shapes aren't computed in are missing. */
const casters: Readonly<Partial<Record<DType, (n: number) => number>>> = {
  FP32: Math.fround,
  FP64: (n) => n,
  S64: Math.trunc,
  S32: Math.trunc,
  BOOL: (n) => (n === 0 ? 0 : 1),
};
