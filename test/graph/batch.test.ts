// A network on several samples: shapes that were written down for one follow, and what can't follow is told.
import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { batched } from '../../src/graph/batch.ts';
import type { Graph, Node, Weight } from '../../src/graph/graph.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { bytesOfNumbers } from '../../src/graph/numbers.ts';
import { opOf } from '../../src/ops/index.ts';

/** x -> one operator -> y, with a constant of whole numbers as its second input. */
function network(op: string, { x, constant, more = [], attributes = {} }: { x: readonly number[]; constant: readonly number[]; more?: readonly string[]; attributes?: Node['attributes'] }): { graph: Graph; at: (batch: number, fix?: boolean) => readonly number[] } {
  const kept = new Map<Digest, Uint8Array>();
  const keep = (bytes: Uint8Array): Digest => {
    const digest = digestOf(bytes);
    kept.set(digest, bytes);
    return digest;
  };
  const blobs = (digest: Digest): Uint8Array => kept.get(digest)!;
  const weight: Weight = { dtype: 'S64', shape: [constant.length], digest: keep(bytesOfNumbers(constant, 'S64')) };
  const node: Node = { name: 'node', op, domain: '', inputs: ['x', ...more, 'shape'], outputs: ['y'], attributes };
  const graph = inferTypes({ name: 'g', nodes: [node], inputs: ['x'], outputs: ['y'], weights: { shape: weight }, types: { x: { dtype: 'FP32', shape: x } } }, blobs, opOf);
  return { graph, at: (batch, fix = true) => batched(graph, { batch, fix, blobs, keep, opOf }).types['y']!.shape };
}

test('a Reshape to constants follows the batch, whatever its first dimension holds', () => {
  assert.deepEqual(network('Reshape', { x: [1, 8, 2, 3], constant: [1, 48] }).at(4), [4, 48]);
  assert.deepEqual(network('Reshape', { x: [1, 8, 2, 3], constant: [1, -1] }).at(4), [4, 48]);
  assert.deepEqual(network('Reshape', { x: [1, 8, 2, 3], constant: [6, 8] }).at(4), [24, 8]);
  assert.deepEqual(network('Reshape', { x: [1, 8, 2, 3], constant: [1, 2, -1, 6] }).at(4), [4, 2, 4, 6]);
});

test('0 and -1 follow the batch by themselves', () => {
  assert.deepEqual(network('Reshape', { x: [1, 8, 2, 3], constant: [0, 48] }).at(3, false), [3, 48]);
  assert.deepEqual(network('Reshape', { x: [1, 8, 2, 3], constant: [-1, 48] }).at(3, false), [3, 48]);
});

test('Resize and Expand follow the batch', () => {
  assert.deepEqual(network('Resize', { x: [1, 8, 2, 3], more: ['', ''], constant: [1, 8, 4, 6], attributes: { mode: 'nearest' } }).at(2), [2, 8, 4, 6]);
  assert.deepEqual(network('Expand', { x: [1, 8, 1, 3], constant: [1, 8, 5, 3] }).at(2), [2, 8, 5, 3]);
});

test('a Reshape left alone does not fit, and says so', () => {
  assert.throws(() => network('Reshape', { x: [1, 8, 2, 3], constant: [1, 48] }).at(4, false), { name: 'Fault' });
  assert.throws(() => network('Reshape', { x: [1, 8, 2, 3], constant: [1, -1] }).at(4, false), {
    name: 'Fault', message: `
the network does not run on 4 samples at once: Reshape "node" does not grow with them
   tensor  y FP32[1,48] for one, FP32[1,192] for 4
   try     one batch size, 1, or a network whose first dimension is the sample throughout`.slice(1),
  });
});

test('what melts the samples together is named', () => {
  assert.throws(() => network('ReduceSum', { x: [1, 8], constant: [0], attributes: { keepdims: 1 } }).at(4), {
    name: 'Fault', message: `
the network does not run on 4 samples at once: ReduceSum "node" does not grow with them
   tensor  y FP32[1,8] for one, FP32[1,8] for 4
   try     one batch size, 1, or a network whose first dimension is the sample throughout`.slice(1),
  });
});
