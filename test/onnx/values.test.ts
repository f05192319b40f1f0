// Shape arithmetic that a model does itself: what inference works out equals what ONNX Runtime computes.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Attribute } from '../../src/graph/graph.ts';
import { inferTypes, inferValues } from '../../src/graph/infer.ts';
import { numbersOf } from '../../src/graph/numbers.ts';
import { printType } from '../../src/graph/print.ts';
import { bytesOf } from '../../src/base/bytes.ts';
import { openSession } from '../../src/onnx/float.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { opOf } from '../../src/ops/index.ts';
import { makeStore, modelBytes, randomTensor, type ModelText } from './rig.ts';

type Weights = NonNullable<ModelText['weights']>;

const ints = (...numbers: number[]) => ({ dtype: 'S64', shape: [numbers.length], numbers }) as const;
const scalar = (number: number) => ({ dtype: 'S64', shape: [], numbers: [number] }) as const;
const floats = (...numbers: number[]) => ({ dtype: 'FP32', shape: [numbers.length], numbers }) as const;
const truths = (...numbers: number[]) => ({ dtype: 'BOOL', shape: [numbers.length], numbers }) as const;
const grid = { dtype: 'S64', shape: [2, 3], numbers: [1, 2, 3, 4, 5, 6] } as const;

interface Case {
  readonly op: string;
  readonly weights: Weights;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Reads the runtime input x (FP32[2,3,4,5]) first. */
  readonly readsX?: true;
}

const cases: readonly Case[] = [
  { op: 'Shape', weights: {}, readsX: true },
  { op: 'Shape', weights: {}, readsX: true, attributes: { start: 1, end: 3 } },
  { op: 'Shape', weights: {}, readsX: true, attributes: { start: -2 } },
  { op: 'Size', weights: {}, readsX: true },
  { op: 'Identity', weights: { a: grid } },
  { op: 'Cast', weights: { a: floats(1.9, -1.9, 0) }, attributes: { to: 7 } },
  { op: 'Cast', weights: { a: ints(0, 5) }, attributes: { to: 9 } },
  { op: 'Reshape', weights: { a: grid, s: ints(3, -1) } },
  { op: 'Squeeze', weights: { a: ints(7) } },
  { op: 'Unsqueeze', weights: { a: ints(1, 2), axes: ints(0) } },
  { op: 'Add', weights: { a: grid, b: ints(10, 20, 30) } },
  { op: 'Sub', weights: { a: ints(1, 2), b: scalar(5) } },
  { op: 'Mul', weights: { a: { dtype: 'S64', shape: [2, 1], numbers: [2, 3] }, b: ints(1, 10, 100) } },
  { op: 'Div', weights: { a: ints(7, -7, 8), b: ints(2, 2, -3) } },
  { op: 'Div', weights: { a: floats(1, 2, 10), b: floats(3, 7, 11) } },
  { op: 'Mul', weights: { a: floats(0.1, 1e-20, 3), b: floats(0.3, 1e-20, 1 / 3) } },
  { op: 'Min', weights: { a: ints(1, 5), b: ints(4, 2) } },
  { op: 'Max', weights: { a: ints(1, 5), b: ints(4, 2) } },
  { op: 'Equal', weights: { a: ints(1, 5), b: ints(1, 2) } },
  { op: 'Less', weights: { a: ints(1, 5), b: ints(4, 2) } },
  { op: 'Greater', weights: { a: ints(1, 5), b: ints(4, 2) } },
  { op: 'And', weights: { a: truths(1, 0, 1), b: truths(1, 1, 0) } },
  { op: 'Or', weights: { a: truths(1, 0, 0), b: truths(1, 1, 0) } },
  { op: 'Not', weights: { a: truths(1, 0) } },
  { op: 'Neg', weights: { a: ints(1, 0, -3) } },
  { op: 'Abs', weights: { a: ints(1, 0, -3) } },
  { op: 'Floor', weights: { a: floats(1.5, -1.5) } },
  { op: 'Ceil', weights: { a: floats(1.5, -1.5) } },
  { op: 'Where', weights: { c: truths(1, 0), a: ints(1, 2), b: scalar(9) } },
  { op: 'Expand', weights: { a: { dtype: 'S64', shape: [2, 1], numbers: [1, 2] }, s: ints(2, 3) } },
  { op: 'Range', weights: { a: scalar(3), b: scalar(12), c: scalar(4) } },
  { op: 'Concat', weights: { a: ints(1, 2), b: ints(3) }, attributes: { axis: 0 } },
  { op: 'Concat', weights: { a: grid, b: { dtype: 'S64', shape: [2, 1], numbers: [7, 8] } }, attributes: { axis: -1 } },
  { op: 'Gather', weights: { a: ints(10, 20, 30), i: scalar(-1) } },
  { op: 'Gather', weights: { a: grid, i: ints(2, 0) }, attributes: { axis: 1 } },
  { op: 'Slice', weights: { a: ints(1, 2, 3, 4, 5), s: ints(1), e: ints(-1) } },
  { op: 'Slice', weights: { a: ints(1, 2, 3, 4, 5), s: ints(-1), e: ints(-(2 ** 63)), axes: ints(0), t: ints(-2) } },
  { op: 'Slice', weights: { a: ints(1, 2, 3, 4, 5), s: ints(-9), e: ints(2 ** 63), axes: ints(0), t: ints(2) } },
  { op: 'ReduceProd', weights: { a: ints(2, 3, 4) }, attributes: { keepdims: 0 } },
];

for (const { op, weights, attributes = {}, readsX } of cases) {
  const about = [...(readsX ? ['x'] : []), ...Object.values(weights).map(({ dtype, numbers }) => `${dtype} ${numbers.join(' ')}`)].join('; ');
  test(`${op} of ${about} ${JSON.stringify(attributes)}`, async () => {
    const { keep, blobs } = makeStore();
    const x = { dtype: 'FP32', shape: [2, 3, 4, 5] } as const;
    const bytes = modelBytes({ opset: 21, nodes: [{ op, inputs: [...(readsX ? ['x'] : []), ...Object.keys(weights)], outputs: ['y'], attributes }, { op: 'Relu', inputs: ['x'], outputs: ['z'] }], inputs: { x }, outputs: ['y', 'z'], weights });
    const graph = readOnnx(bytes, { file: 'net.onnx', keep, opOf });
    const session = await openSession(graph, blobs);
    const { y } = await session.run({ x: randomTensor(x, 1) });
    const values = inferValues(graph, blobs, opOf).get('y');
    assert.ok(values !== undefined, 'nothing was worked out');
    assert.equal(printType(values), printType(y!));
    assert.deepEqual(values.numbers.map((n) => n + 0), numbersOf(bytesOf(y!.data), y!.dtype).map((n) => n + 0));
    await session.close();
  });
}

test('a Reshape is typed through the arithmetic behind its shape', () => {
  const { keep, blobs } = makeStore();
  const graph = readOnnx(
    modelBytes({
      opset: 21,
      nodes: [
        { op: 'Shape', inputs: ['x'], outputs: ['s'] },
        { op: 'Gather', inputs: ['s', 'zero'], outputs: ['batch'] },
        { op: 'Unsqueeze', inputs: ['batch', 'axis'], outputs: ['b'] },
        { op: 'Concat', inputs: ['b', 'rest'], outputs: ['target'], attributes: { axis: 0 } },
        { op: 'Reshape', inputs: ['x', 'target'], outputs: ['y'] },
      ],
      inputs: { x: { dtype: 'FP32', shape: [2, 3, 4] } }, outputs: ['y'], weights: { zero: scalar(0), axis: ints(0), rest: ints(-1) },
    }),
    { file: 'net.onnx', keep, opOf },
  );
  assert.deepEqual(inferTypes(graph, blobs, opOf).types['y'], { dtype: 'FP32', shape: [2, 12] });
});
