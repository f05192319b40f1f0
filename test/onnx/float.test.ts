// ONNX Runtime as the float reference: what it is given, what it gives, and how it is refused.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openModel, openSession, tensorOf } from '../../src/onnx/float.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { opOf } from '../../src/ops/index.ts';
import { assertSameBits, makeStore, modelBytes, randomTensor } from './rig.ts';

const { keep, blobs } = makeStore();
const graph = readOnnx(
  modelBytes({
    opset: 21,
    nodes: [{ op: 'Mul', inputs: ['x', 'w'], outputs: ['scaled'] }, { op: 'Relu', inputs: ['scaled'], outputs: ['active'] }, { op: 'Sigmoid', inputs: ['active'], outputs: ['y'] }],
    inputs: { x: { dtype: 'FP32', shape: [2, 3] } }, outputs: ['y'], weights: { w: { dtype: 'FP32', shape: [3], numbers: [1, -2, 3] } },
  }),
  { file: 'net.onnx', keep, opOf },
);

test('exposing tensors inside changes no bit of the output', async () => {
  const x = randomTensor(graph.types['x']!, 1);
  const [plain, exposed] = [await openSession(graph, blobs), await openSession(graph, blobs, { outputs: ['scaled', 'active', 'y'] })];
  const [due, found] = [await plain.run({ x }), await exposed.run({ x })];
  assert.deepEqual(Object.keys(found), ['scaled', 'active', 'y']);
  assertSameBits(found['y']!, due['y']!, 'y');
  assert.deepEqual(found['active']!.data, Float32Array.from(found['scaled']!.data as Float32Array, (n) => Math.max(0, n)));
  await Promise.all([plain.close(), exposed.close()]);
});

test('inputs that do not fit are a fault', async () => {
  const session = await openSession(graph, blobs);
  const x = randomTensor(graph.types['x']!, 1);
  await assert.rejects(session.run({ z: x }), { message: 'the inputs given are not those of "test"\n   known    x\n   missing  x\n   unknown  z' });
  await assert.rejects(session.run({ x: { ...x, shape: [3, 2] } }), { message: 'input "x" has the wrong type\n   needs  FP32[2,3]\n   given  FP32[3,2]' });
  await assert.rejects(session.run({ x: { ...x, data: Float32Array.of(1) } }), { message: 'input "x" has 1 numbers for FP32[2,3]' });
  await session.close();
});

test('a model that ONNX Runtime refuses is a fault with its reason', async () => {
  const bytes = modelBytes({ opset: 21, nodes: [{ op: 'Relu', name: 'act', inputs: ['x', 'x'], outputs: ['y'] }], inputs: { x: { dtype: 'FP32', shape: [1] } }, outputs: ['y'] });
  await assert.rejects(openModel(bytes, { name: 'net' }), (error: Error) => error.name === 'Fault' && error.message.startsWith('ONNX Runtime does not take "net"\n   reason  '));
});

test('64-bit integers, bytes and truth values pass through', async () => {
  const inputs = { i: { dtype: 'S64', shape: [2] }, b: { dtype: 'BOOL', shape: [2] }, u: { dtype: 'U8', shape: [2] }, h: { dtype: 'FP16', shape: [2] } } as const;
  const names = Object.keys(inputs);
  const bytes = modelBytes({ opset: 21, nodes: names.map((name) => ({ op: 'Identity', inputs: [name], outputs: [`${name}_out`] })), inputs, outputs: names.map((name) => `${name}_out`) });
  const session = await openModel(bytes, { name: 'types' });
  const given = {
    i: tensorOf(inputs.i, new Uint8Array(BigInt64Array.of(2n ** 63n - 1n, -5n).buffer)),
    b: tensorOf(inputs.b, Uint8Array.of(1, 0)),
    u: tensorOf(inputs.u, Uint8Array.of(255, 1)),
    h: tensorOf(inputs.h, Uint8Array.of(0, 0x3c, 0, 0xc0)),
  };
  const found = await session.run(given);
  for (const [name, tensor] of Object.entries(given)) assertSameBits(found[`${name}_out`]!, tensor, name);
  await session.close();
});
