// The least and the greatest value of every tensor, as ONNX Runtime finds them: to the bit those of looking at each tensor.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Graph } from '../../src/graph/graph.ts';
import { floatsOf, openObserver, type Extremes } from '../../src/onnx/extremes.ts';
import { openSession, tensorOf, type FloatTensor } from '../../src/onnx/float.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { opOf } from '../../src/ops/index.ts';
import { assertSameBits, makeStore, modelBytes, numbers, type ModelText } from './rig.ts';

const { keep, blobs } = makeStore();
const read = (text: ModelText): Graph => readOnnx(modelBytes(text), { file: 'net.onnx', keep, opOf });

// Large tensors of several lengths, a mean and a scalar that are small, one that is an output and read inside.
const net = read({
  opset: 21,
  nodes: [
    { op: 'Conv', inputs: ['x', 'kernel'], outputs: ['wide'], attributes: { pads: [1, 1, 1, 1] } },
    { op: 'Relu', inputs: ['wide'], outputs: ['active'] },
    { op: 'GlobalAveragePool', inputs: ['active'], outputs: ['mean'] },
    { op: 'Mul', inputs: ['active', 'mean'], outputs: ['scaled'] },
    { op: 'Add', inputs: ['scaled', 'wide'], outputs: ['sum'] },
    { op: 'Sigmoid', inputs: ['sum'], outputs: ['y'] },
  ],
  inputs: { x: { dtype: 'FP32', shape: [1, 2, 31, 37] } }, outputs: ['y', 'sum'],
  weights: { kernel: { dtype: 'FP32', shape: [3, 2, 3, 3], numbers: numbers(54, 3) } },
});

function extremesOf({ data, shape }: FloatTensor): Extremes {
  const values = [...(data as Float32Array)];
  return { count: shape.reduce((product, size) => product * size, 1), min: values.reduce((a, b) => Math.min(a, b)) + 0, max: values.reduce((a, b) => Math.max(a, b)) + 0 };
}

function image(numberAt: (i: number) => number): FloatTensor {
  return tensorOf(net.types['x']!, new Uint8Array(Float32Array.from({ length: 2 * 31 * 37 }, (_, i) => numberAt(i)).buffer));
}

const series = numbers(2 * 31 * 37, 5);
const inputs: Record<string, (i: number) => number> = {
  'numbers of both signs': (i) => series[i]!,
  'zeros of both signs': (i) => (i % 3 === 0 ? -0 : 0),
  'numbers that are hardly there': (i) => series[i]! * 1e-40,
  'large ones': (i) => series[i]! * 1e15,
};
for (const [what, numberAt] of Object.entries(inputs)) {
  test(`${what}: minimum and maximum are those of the tensors themselves, inputs included`, async () => {
    const x = image(numberAt);
    const [observer, session] = [await openObserver(net, blobs), await openSession(net, blobs, { outputs: floatsOf(net) })];
    const [{ extremes, small }, all] = [await observer.run({ x }), await session.run({ x })];
    assert.deepEqual(Object.keys(small), ['mean']);
    assertSameBits(small['mean']!, all['mean']!, 'mean');
    const large = ['x', 'wide', 'active', 'scaled', 'sum', 'y'];
    assert.deepEqual([...extremes!], large.map((tensor) => [tensor, extremesOf(tensor === 'x' ? x : all[tensor]!)]));
    await Promise.all([observer.close(), session.close()]);
  });
}

for (const odd of [NaN, Infinity, -Infinity]) {
  test(`one ${odd} anywhere, and nothing is said of extremes`, async () => {
    const observer = await openObserver(net, blobs);
    for (const at of [0, 1, 700, 2 * 31 * 37 - 1]) {
      const { extremes } = await observer.run({ x: image((i) => (i === at ? odd : series[i]!)) });
      assert.equal(extremes, undefined);
    }
    await observer.close();
  });
}

test('an infinity that the next operator hides shows nevertheless', async () => {
  const graph = read({
    opset: 21, nodes: [{ op: 'Div', inputs: ['x', 'zero'], outputs: ['infinite'] }, { op: 'Sigmoid', inputs: ['infinite'], outputs: ['y'] }],
    inputs: { x: { dtype: 'FP32', shape: [2000] } }, outputs: ['y'], weights: { zero: { dtype: 'FP32', shape: [1], numbers: [0] } },
  });
  const observer = await openObserver(graph, blobs);
  const x = tensorOf(graph.types['x']!, new Uint8Array(new Float32Array(2000).fill(1).buffer));
  assert.equal((await observer.run({ x })).extremes, undefined);
  await observer.close();
});

test('a sum that overflows says nothing of its tensor: the caller has to look', async () => {
  const observer = await openObserver(net, blobs);
  assert.equal((await observer.run({ x: image(() => 3e38) })).extremes, undefined);
  await observer.close();
});

test('tensors of the model may have the names that reductions would get', async () => {
  const graph = read({
    opset: 21, nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['axbuild:ReduceMin:0'] }, { op: 'Relu', inputs: ['axbuild:ReduceMin:0'], outputs: ['axbuild::'] }],
    inputs: { x: { dtype: 'FP32', shape: [1025] } }, outputs: ['axbuild::'],
  });
  const observer = await openObserver(graph, blobs);
  const x = tensorOf(graph.types['x']!, new Uint8Array(Float32Array.from({ length: 1025 }, (_, i) => i - 25).buffer));
  const { extremes } = await observer.run({ x });
  assert.deepEqual([...extremes!], [['x', { count: 1025, min: -25, max: 999 }], ['axbuild:ReduceMin:0', { count: 1025, min: 0, max: 999 }], ['axbuild::', { count: 1025, min: 0, max: 999 }]]);
  await observer.close();
});

test('a network of small tensors has no extremes to ask for', async () => {
  const graph = read({ opset: 21, nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], inputs: { x: { dtype: 'FP32', shape: [] } }, outputs: ['y'] });
  const observer = await openObserver(graph, blobs);
  const { extremes, small } = await observer.run({ x: { dtype: 'FP32', shape: [], data: Float32Array.of(-1) } });
  assert.deepEqual([extremes, small['y']!.data], [new Map(), Float32Array.of(0)]);
  await observer.close();
});
