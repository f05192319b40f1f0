// What is written is read again, by us, by an independent reader and by ONNX Runtime; equal graphs give equal bytes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import test from 'node:test';
import type { Digest } from '../../src/base/digest.ts';
import { dtypes, type DType } from '../../src/base/dtype.ts';
import type { Graph, Node } from '../../src/graph/graph.ts';
import { bytesOfNumbers } from '../../src/graph/numbers.ts';
import { printGraph } from '../../src/graph/print.ts';
import { attributeType, decodeModel } from '../../src/onnx/codec.ts';
import { externalFiles } from '../../src/onnx/external.ts';
import { openModel } from '../../src/onnx/float.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { externalData, writeOnnx } from '../../src/onnx/write.ts';
import { opOf } from '../../src/ops/index.ts';
import { makeStore, randomTensor, readIndependently } from './rig.ts';

const store = makeStore();
const weight = (dtype: DType, shape: readonly number[], numbers: readonly number[]) => ({ dtype, shape, digest: store.keep(bytesOfNumbers(numbers, dtype)) });
const node = (name: string, op: string, rest: Pick<Node, 'inputs' | 'outputs'> & Partial<Node>): Node => ({ name, op, domain: '', attributes: {}, ...rest });

const graph: Graph = {
  name: 'small net',
  inputs: ['x'],
  outputs: ['y', 'k'],
  nodes: [
    node('conv', 'Conv', { inputs: ['x', 'w', ''], outputs: ['c'], attributes: { kernel_shape: [1, 1], auto_pad: 'NOTSET', group: 1 } }),
    node('act:0', 'LeakyRelu', { inputs: ['c'], outputs: ['a'], attributes: { alpha: 1 } }),
    node('pick', 'Slice', { inputs: ['a', 'starts', 'ends', 'axes'], outputs: ['y'] }),
  ],
  weights: { w: weight('FP32', [2, 3, 1, 1], [1, 2, 3, 4, 5, 6]), starts: weight('S64', [1], [1]), ends: weight('S64', [1], [2 ** 63]), axes: weight('S64', [1], [1]), k: weight('FP32', [2], [0.5, -1]) },
  types: { x: { dtype: 'FP32', shape: [1, 3, 2, 2] }, c: { dtype: 'FP32', shape: [1, 2, 2, 2] }, a: { dtype: 'FP32', shape: [1, 2, 2, 2] }, y: { dtype: 'FP32', shape: [1, 1, 2, 2] } },
};

test('a graph is the same after writing and reading', () => {
  const again = readOnnx(writeOnnx(graph, store.blobs), { file: 'small.onnx', keep: store.keep, opOf });
  assert.equal(printGraph(again), printGraph(graph));
});

test('equal graphs give equal bytes, in whatever order their records were filled', () => {
  const turned = <T>(record: Readonly<Record<string, T>>): Record<string, T> => Object.fromEntries(Object.entries(record).reverse());
  const other: Graph = { ...graph, weights: turned(graph.weights), types: turned(graph.types), nodes: graph.nodes.map((one) => ({ ...one, attributes: turned(one.attributes) })) };
  assert.deepEqual(writeOnnx(other, store.blobs), writeOnnx(graph, store.blobs));
});

test('an independent reader finds the same model', () => {
  const read = readIndependently(writeOnnx(graph, store.blobs, { doc: 'for people', metadata: { b: '2', a: '1' } }));
  assert.equal(read.producerName, 'axbuild');
  assert.equal(read.docString, 'for people');
  assert.deepEqual(read.metadataProps.map(({ key, value }) => [key, value]), [['a', '1'], ['b', '2']]);
  const { node: nodes, initializer, input, output, valueInfo } = read.graph!;
  assert.deepEqual(nodes!.map(({ name, opType, input: inputs, output: outputs }) => [name, opType, inputs, outputs]), graph.nodes.map((one) => [one.name, one.op, one.inputs, one.outputs]));
  assert.deepEqual(initializer!.map(({ name }) => name), ['axes', 'ends', 'k', 'starts', 'w']);
  assert.deepEqual([input, output, valueInfo].map((list) => list!.map(({ name }) => name)), [['x'], ['y', 'k'], ['a', 'c']]);
});

test('attributes keep their ONNX types', () => {
  const [, act] = decodeModel(writeOnnx(graph, store.blobs), 'small.onnx').graph.node;
  // A whole number that is a FLOAT: told by its name.
  assert.deepEqual(act!.attribute.map(({ name, type, f }) => [name, type, f]), [['alpha', attributeType.FLOAT, 1]]);
  const odd: Graph = { ...graph, nodes: [...graph.nodes, node('rnn', 'RNN', { inputs: ['y'], outputs: ['z'], attributes: { activations: [], hidden_size: 2 ** 63, value: { tensor: weight('U8', [2], [1, 255]) }, clip: 3 } })] };
  const attributes = decodeModel(writeOnnx(odd, store.blobs), 'small.onnx').graph.node.at(-1)!.attribute;
  assert.deepEqual(attributes.map(({ name, type }) => [name, attributeType[type]]), [['activations', 'STRINGS'], ['clip', 'FLOAT'], ['hidden_size', 'INT'], ['value', 'TENSOR']]);
  assert.equal(String(attributes[2]!.i), '9223372036854775807');
});

test('ONNX Runtime runs what is written, a constant output included', async () => {
  const session = await openModel(writeOnnx(graph, store.blobs), { name: 'small' });
  const { y, k } = await session.run({ x: randomTensor(graph.types['x']!, 3) });
  assert.deepEqual(y!.shape, [1, 1, 2, 2]);
  assert.deepEqual(k!.data, Float32Array.of(0.5, -1));
  await session.close();
});

test('every element type survives', () => {
  for (const dtype of Object.keys(dtypes) as DType[]) {
    const one: Graph = { name: dtype, inputs: [], outputs: ['k'], nodes: [], types: {}, weights: { k: weight(dtype, [2, 2], [0, 1, 1, 0]) } };
    assert.deepEqual(readOnnx(writeOnnx(one, store.blobs), { file: dtype, keep: store.keep }).weights, one.weights);
  }
});

test('weights over the limit are refused before anything is written', () => {
  const huge: Graph = { ...graph, weights: { ...graph.weights, w: { dtype: 'FP32', shape: [400_000_000], digest: 'f'.repeat(64) as Digest } } };
  assert.throws(() => writeOnnx(huge, store.blobs), { message: `the weights of "small net" are too large for one ONNX file
   size   1600000032 bytes
   limit  1500000000 bytes
   try    a smaller model` });
});

test('weights of a file that was read as a Buffer are plain bytes: a slice of them is a copy', () => {
  const { keep, blobs } = makeStore();
  const { weights } = readOnnx(Buffer.from(writeOnnx(graph, store.blobs)), { file: 'small.onnx', keep });
  for (const { digest } of Object.values(weights)) assert.ok(!Buffer.isBuffer(blobs(digest)));
});

test('weights in a file of their own: listed, read back, and taken by ONNX Runtime', async () => {
  const ramp = Array.from({ length: 300 }, (_, i) => i / 7);
  const large: Graph = { ...graph, outputs: [...graph.outputs, 'm', 'l'], weights: { ...graph.weights, m: weight('FP32', [300], ramp), l: weight('FP32', [257], ramp.slice(0, 257)) } };
  const bytes = writeOnnx(large, store.blobs, { external: 'small.data' });
  const data = externalData(large, store.blobs);
  // Large ones only, each at a multiple of 64 bytes, in the order of their names.
  assert.deepEqual(externalFiles(bytes, 'small.onnx'), [{ location: 'small.data', offset: 0, length: 1028 }, { location: 'small.data', offset: 1088, length: 1200 }]);
  readIndependently(bytes);
  const again = readOnnx(bytes, { file: 'small.onnx', keep: store.keep, opOf, externals: new Map([['small.data', data]]) });
  assert.equal(printGraph(again), printGraph(large));

  const folder = mkdtempSync(join(tmpdir(), 'axbuild-'));
  try {
    writeFileSync(join(folder, 'small.onnx'), bytes);
    writeFileSync(join(folder, 'small.data'), data);
    const session = await ort.InferenceSession.create(join(folder, 'small.onnx'));
    const x = randomTensor(graph.types['x']!, 3);
    const found = await session.run({ x: new ort.Tensor('float32', x.data as Float32Array, x.shape) });
    const plain = await openModel(writeOnnx(large, store.blobs), { name: 'small' });
    const due = await plain.run({ x });
    for (const name of large.outputs) assert.deepEqual(found[name]!.data, due[name]!.data);
    await Promise.all([session.release(), plain.close()]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
