// The scalar functions against ONNX Runtime. Its floats have 24 bits and its functions are approximations, hence the tolerance.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Attribute } from '../../src/graph/graph.ts';
import { bytesOfNumbers, numbersOf } from '../../src/graph/numbers.ts';
import { applyChain, functionOf, functions } from '../../src/ops/functions.ts';
import { opOf, ops } from '../../src/ops/index.ts';
import { viewsOf } from '../../src/ops/view.ts';
import { runFloat } from '../../src/passes/run-float.ts';
import { Net } from './net.ts';

interface Scalar {
  readonly op: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Constants of inputs 0, 1 …; x where undefined. */
  readonly inputs?: readonly (number | undefined | '')[];
  readonly from?: number;
}

const plain = ['Relu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Elu', 'Selu', 'Softplus', 'Softsign', 'Gelu', 'Mish', 'LeakyRelu', 'Erf', 'Exp', 'Abs', 'Neg', 'Sin', 'Cos'];
const arithmetic = ['Add', 'Sub', 'Mul', 'Max', 'Min'];
const scalars: readonly Scalar[] = [
  ...plain.map((op) => ({ op })),
  { op: 'LeakyRelu', attributes: { alpha: 0.3 } },
  { op: 'HardSigmoid', attributes: { alpha: 0.3, beta: 0.25 } },
  { op: 'Elu', attributes: { alpha: 0.7 } },
  { op: 'Gelu', attributes: { approximate: 'tanh' } },
  { op: 'Clip', inputs: [undefined, -1, 2] },
  { op: 'Clip', inputs: [undefined, '', 2] },
  { op: 'PRelu', inputs: [undefined, 0.4] },
  ...['Log', 'Sqrt', 'Reciprocal'].map((op) => ({ op, from: 0.01 })),
  ...arithmetic.flatMap((op) => [{ op, inputs: [undefined, 1.5] }, { op, inputs: [-0.5, undefined] }]),
  { op: 'Div', inputs: [undefined, 3] },
  { op: 'Div', inputs: [3, undefined], from: 0.1 },
  ...[0.5, 1, 2, 3, 1.7].map((exponent) => ({ op: 'Pow', inputs: [undefined, exponent], from: 0.01 })),
  ...[-3, -2, 2, 3].map((exponent) => ({ op: 'Pow', inputs: [undefined, exponent], from: -4 })),
];

test('every operator that is a scalar function has a case', () => {
  const covered = new Set(scalars.map(({ op }) => op));
  assert.deepEqual(ops.filter((op) => op.unary !== undefined && !covered.has(op.type)).map((op) => op.type), []);
});

for (const scalar of scalars) {
  test(`${scalar.op} ${JSON.stringify(scalar.attributes ?? scalar.inputs ?? '')} computes what ONNX Runtime does`, async () => {
    const { op, inputs = [undefined], attributes = {}, from = -6 } = scalar;
    const net = new Net();
    const points = Array.from({ length: 97 }, (_, i) => Math.fround(from + ((6 - from) * i) / 96));
    const names = inputs.map((value, i) => (value === '' ? '' : value === undefined ? net.input('x', [97]) : net.weight(`c${i}`, [], [value])));
    net.node('y', op, names, attributes);
    const graph = net.graph('y');
    const call = opOf(op)!.unary!(viewsOf(graph, net.blobs)(graph.nodes[0]!));
    assert.ok(call !== undefined);
    const [bytes] = await runFloat(graph, net.blobs, { x: bytesOfNumbers(points, 'FP32') });
    numbersOf(bytes!, 'FP32').forEach((expected, i) => {
      const actual = applyChain([call], points[i]!);
      const allowed = 2e-6 + 3e-6 * Math.abs(expected);
      if (Number.isFinite(expected)) assert.ok(Math.abs(actual - expected) <= allowed, `${op}(${points[i]}) is ${expected}, got ${actual}`);
    });
  });
}

test('a constant that enlarges the tensor is no scalar function', () => {
  const net = new Net();
  net.node('y', 'Add', [net.input('x', [4]), net.weight('c', [1, 1], [2])]);
  const graph = net.graph('y');
  assert.equal(opOf('Add')!.unary!(viewsOf(graph, net.blobs)(graph.nodes[0]!)), undefined);
});

const sample: Readonly<Record<string, readonly number[]>> = {
  affine: [2, 1], clip: [0, 6], leaky_relu: [0.1], hard_sigmoid: [0.2, 0.5], elu: [1], selu: [1.67, 1.05], pow: [-1.5], reciprocal: [1], quick_gelu: [1.702],
};

test('every function gives a finite number for every finite one', () => {
  const points = [-1e30, -100, -3, -1, -1e-30, -0, 0, 1e-30, 0.5, 2, 100, 1e30];
  for (const { name, evaluate } of functions) {
    for (const x of points) assert.ok(Number.isFinite(evaluate(x, sample[name] ?? [])), `${name}(${x}) is ${evaluate(x, sample[name] ?? [])}`);
  }
});

test('kinks and clamps are told apart', () => {
  assert.deepEqual(functionOf('hard_swish').breakpoints([]), [-3, 3]);
  assert.deepEqual(functionOf('hard_sigmoid').breakpoints([0.25, 0.5]), [-2, 2]);
  assert.deepEqual(functionOf('clip').breakpoints([0, 3.4028234663852886e38]), [0]);
  assert.deepEqual(functions.filter(({ clamp }) => clamp !== undefined).map(({ name }) => name), ['relu', 'clip']);
  assert.deepEqual(functions.filter(({ range }) => range !== undefined).map(({ name }) => name), ['hard_sigmoid', 'sigmoid']);
});

test('a chain is applied in its order', () => {
  assert.equal(applyChain([{ fn: 'relu', args: [] }, { fn: 'affine', args: [2, -3] }], 5), 7);
});
