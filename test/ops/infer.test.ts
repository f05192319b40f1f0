// Shape inference against ONNX Runtime, which is asked without being told any type but the inputs'.
import assert from 'node:assert/strict';
import test from 'node:test';
import { elements } from '../../src/base/dtype.ts';
import { bytesOfNumbers } from '../../src/graph/numbers.ts';
import { printType } from '../../src/graph/print.ts';
import { openSession, tensorOf } from '../../src/onnx/float.ts';
import { opOf, ops } from '../../src/ops/index.ts';
import { cases, type Case } from './cases.ts';
import { drawFrom, Net, pick, seed, soak, type Draw } from './net.ts';

test('every operator of the table has a case', () => {
  const covered = new Set(cases.map(({ op }) => op));
  assert.deepEqual(ops.filter((op) => !covered.has(op.type)).map((op) => op.type), []);
});

for (const [i, one] of cases.entries()) {
  test(`the types of ${one.op} (case ${i}) are those ONNX Runtime gives`, () => agrees(one));
}

test(`random windows have the sizes ONNX Runtime gives them (SEED=${seed})`, async () => {
  const draw = drawFrom(seed);
  for (let i = 0; i < (soak ? 400 : 40); i++) await agrees(windowCase(draw));
});

test(`random slices have the sizes ONNX Runtime gives them (SEED=${seed})`, async () => {
  const draw = drawFrom(seed + 1);
  for (let i = 0; i < (soak ? 400 : 40); i++) await agrees(sliceCase(draw));
});

async function agrees(one: Case): Promise<void> {
  const net = new Net(3);
  const inputs = one.feeds.map((feed, i) => {
    if (feed === '') return '';
    const dtype = feed.dtype ?? 'FP32';
    if ('constant' in feed) return net.weight(`c${i}`, feed.shape ?? [feed.constant.length], feed.constant, dtype);
    return net.input(`x${i}`, feed.shape, dtype);
  });
  const outputs = Array.from({ length: one.outputs ?? 1 }, (_, i) => `y${i}`);
  net.nodeWith('node', one.op, { inputs, outputs, ...(one.attributes !== undefined && { attributes: one.attributes }) });
  const graph = net.graph(...outputs);
  const untyped = { ...graph, types: Object.fromEntries(graph.inputs.map((tensor) => [tensor, graph.types[tensor]!])) };
  const session = await openSession(untyped, net.blobs);
  const feeds = graph.inputs.map((tensor) => {
    const type = graph.types[tensor]!;
    const numbers = Array.from({ length: elements(type.shape) }, () => (type.dtype === 'FP32' ? net.draw() : pick(net.draw, 0, 1)));
    return [tensor, tensorOf(type, bytesOfNumbers(numbers, type.dtype))] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  await session.close();
  const said = outputs.map((tensor) => printType(graph.types[tensor]!));
  assert.deepEqual(said, outputs.map((tensor) => printType(results[tensor]!)), JSON.stringify(one));
  assert.equal(opOf(one.op)!.type, one.op);
}

function windowCase(draw: Draw): Case {
  const op = ['Conv', 'MaxPool', 'AveragePool'][pick(draw, 0, 2)]!;
  const two = (lo: number, hi: number): number[] => [pick(draw, lo, hi), pick(draw, lo, hi)];
  const kernel = two(1, 3);
  const dilations = two(1, 2);
  const size = kernel.map((length, i) => (length - 1) * dilations[i]! + pick(draw, 1, 9));
  // ONNX Runtime refuses pool padding as large as the kernel.
  const pads = [...kernel, ...kernel].map((length) => pick(draw, 0, length - 1));
  const padding = pick(draw, 0, 3) > 0 ? { pads } : { auto_pad: ['SAME_UPPER', 'SAME_LOWER', 'VALID'][pick(draw, 0, 2)]! };
  // Nor does it take dilations with SAME, or strides that step over elements.
  const same = !('pads' in padding);
  const attributes = { kernel_shape: kernel, strides: same ? kernel : two(1, 3), dilations: same ? [1, 1] : dilations, ...padding };
  if (op === 'Conv') return { op, feeds: [{ shape: [1, 2, ...size] }, { shape: [3, 2, ...kernel] }], attributes };
  return { op, feeds: [{ shape: [1, 2, ...size] }], attributes: { ...attributes, ceil_mode: pick(draw, 0, 1) } };
}

function sliceCase(draw: Draw): Case {
  const size = pick(draw, 1, 7);
  const step = [-3, -2, -1, 1, 2, 3][pick(draw, 0, 5)]!;
  const list = (value: number) => ({ constant: [value], dtype: 'S64' as const });
  return { op: 'Slice', feeds: [{ shape: [2, size] }, list(pick(draw, -9, 9)), list(pick(draw, -9, 9)), list(1), list(step)] };
}
