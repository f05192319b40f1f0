// Damaged files: whatever is done to the bytes, reading ends with a graph or a fault, soon.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import { encodeModel, onnx } from '../../src/onnx/codec.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { opOf } from '../../src/ops/index.ts';
import { makeStore, model, modelBytes } from './rig.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = process.env['SOAK'] === '1' ? 20_000 : 1_500;

const bytes = modelBytes({
  opset: 11,
  nodes: [
    { op: 'Conv', name: 'conv', inputs: ['x', 'w'], outputs: ['c'], attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } },
    { op: 'Clip', inputs: ['c', 'low', 'high'], outputs: ['a'] },
    { op: 'Shape', inputs: ['a'], outputs: ['s'] },
    { op: 'Reshape', inputs: ['a', 's'], outputs: ['r'] },
    { op: 'Softmax', inputs: ['r'], outputs: ['y'] },
  ],
  inputs: { x: { dtype: 'FP32', shape: [1, 2, 4, 4] } },
  outputs: ['y'],
  weights: { w: { dtype: 'FP32', shape: [2, 2, 3, 3], numbers: Array.from({ length: 36 }, (_, i) => i) }, low: { dtype: 'FP32', shape: [], numbers: [0] }, high: { dtype: 'FP32', shape: [], numbers: [6] } },
});

test(`random damage is read or a fault (SEED=${seed})`, () => {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let faults = 0;
  for (let round = 0; round < rounds; round++) {
    const damaged = bytes.slice(0, next(8) === 0 ? next(bytes.byteLength) : bytes.byteLength);
    for (let i = 0; i <= next(3) && damaged.byteLength > 0; i++) damaged[next(damaged.byteLength)] = next(256);
    try {
      readOnnx(damaged, { file: 'damaged.onnx', keep: makeStore().keep, opOf });
    } catch (error) {
      if (!(error instanceof Fault)) assert.fail(`round ${round} of SEED=${seed}: ${error instanceof Error ? error.stack : String(error)}`);
      faults++;
    }
  }
  assert.ok(faults > rounds / 4, `${faults} of ${rounds} damaged files were noticed`);
});

test('a deep chain is read without running out of stack', () => {
  const length = 20_000;
  const nodes = Array.from({ length }, (_, i) => ({ op: 'Relu', inputs: [i === 0 ? 'x' : `t${i}`], outputs: [i === length - 1 ? 'y' : `t${i + 1}`] }));
  // Backwards in the file: the reader has to sort it.
  const graph = readOnnx(modelBytes({ opset: 21, nodes: [...nodes].reverse(), inputs: { x: { dtype: 'FP32', shape: [1] } }, outputs: ['y'] }), { file: 'deep.onnx', keep: makeStore().keep, opOf });
  assert.equal(graph.nodes.length, length);
  assert.equal(graph.nodes[0]!.inputs[0], 'x');
});

test('messages nested without end are a fault', () => {
  let type = new onnx.TypeProto({});
  for (let depth = 0; depth < 90; depth++) type = new onnx.TypeProto({ sequenceType: new onnx.TypeProto.Sequence({ elemType: type }) });
  const whole = model({ opset: 21, nodes: [], inputs: { x: { dtype: 'FP32', shape: [1] } }, outputs: ['x'] });
  whole.graph.valueInfo = [new onnx.ValueInfoProto({ name: 'deep', type: new onnx.TypeProto({ sequenceType: new onnx.TypeProto.Sequence({ elemType: type }) }) })];
  assert.throws(() => encodeModel(whole), /max depth/);
  // By hand, past what the codec would write: a length-delimited field 4 (sequence), holding a field 1, and so on.
  let nested = Uint8Array.of();
  for (let depth = 0; depth < 120; depth++) nested = Uint8Array.of(depth % 2 === 0 ? 0x0a : 0x22, ...length(nested.byteLength), ...nested);
  const info = Uint8Array.of(0x12, ...length(nested.byteLength), ...nested);
  const graph = Uint8Array.of(0x6a, ...length(info.byteLength), ...info);
  const bad = Uint8Array.of(0x08, 8, 0x3a, ...length(graph.byteLength), ...graph);
  assert.throws(() => readOnnx(bad, { file: 'nested.onnx', keep: makeStore().keep }), { message: `nested.onnx  this file is no ONNX model
   size    ${bad.byteLength} bytes
   reason  its bytes are no protobuf message
   try     export or copy the model again` });
});

function length(size: number): number[] {
  return size < 128 ? [size] : [(size & 127) | 128, size >> 7];
}
