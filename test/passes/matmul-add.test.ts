import assert from 'node:assert/strict';
import test from 'node:test';
import { matmulAdd } from '../../src/passes/matmul-add.ts';
import { Net } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

for (const shape of [[5], [1, 5]]) {
  test(`MatMul and Add of [${shape.join(',')}] become Gemm`, async () => {
    const net = new Net();
    const product = net.node('fc', 'MatMul', [net.input('x', [2, 4]), net.weight('w', [4, 5])]);
    const after = await rewrite(matmulAdd, net, net.graph(net.node('y', 'Add', [net.weight('b', shape), product])));
    assert.deepEqual(nodesOf(after), ['fc = Gemm(x, w, b) alpha=1 beta=1 transA=0 transB=0 -> y FP32[2,5]']);
  });
}

test('other shapes, a bias that is computed, and a product that others read are left alone', async () => {
  const builds: readonly ((net: Net) => readonly string[])[] = [
    (net) => [net.node('y', 'Add', [net.node('fc', 'MatMul', [net.input('x', [3, 2, 4]), net.weight('w', [4, 5])]), net.weight('b', [5])])],
    (net) => [net.node('y', 'Add', [net.node('fc', 'MatMul', [net.input('x', [2, 4]), net.weight('w', [4, 5])]), net.weight('b', [2, 1])])],
    (net) => [net.node('y', 'Add', [net.node('fc', 'MatMul', [net.input('x', [2, 4]), net.weight('w', [4, 5])]), net.weight('b', [])])],
    (net) => [net.node('y', 'Add', [net.node('fc', 'MatMul', [net.input('x', [2, 4]), net.weight('w', [4, 5])]), net.input('b', [5])])],
    (net) => [net.node('y', 'Add', [net.node('fc', 'MatMul', [net.input('x', [2, 4]), net.weight('w', [4, 5])]), net.weight('b', [5])]), net.node('z', 'Neg', ['fc'])],
    (net) => [net.node('y', 'Add', [net.node('fc', 'MatMul', [net.input('x', [2, 4]), net.weight('w', [4, 5])]), net.weight('b', [5])]), 'fc'],
    (net) => [net.node('y', 'Add', [net.node('fc', 'MatMul', [net.input('x', [2, 4]), net.weight('w', [4, 5])]), 'fc'])],
  ];
  for (const [i, build] of builds.entries()) {
    const net = new Net();
    const graph = net.graph(...build(net));
    assert.deepEqual((await rewrite(matmulAdd, net, graph)).nodes, graph.nodes, `case ${i}`);
  }
});
