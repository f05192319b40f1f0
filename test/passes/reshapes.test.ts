import assert from 'node:assert/strict';
import test from 'node:test';
import { removeIdentity } from '../../src/passes/remove-identity.ts';
import { reshapes } from '../../src/passes/reshapes.ts';
import { optimise } from '../../src/passes/optimise.ts';
import { runFloat } from '../../src/passes/run-float.ts';
import { opOf } from '../../src/ops/index.ts';
import { Net } from '../ops/net.ts';
import { assertSame, nodesOf, rewrite } from './rig.ts';

test('of Reshapes in a row the last is left', async () => {
  const net = new Net();
  net.node('a', 'Reshape', [net.input('x', [2, 6]), net.list('s1', [3, 4])]);
  net.node('b', 'Reshape', ['a', net.list('s2', [12])]);
  net.node('y', 'Reshape', ['b', net.list('s3', [4, 3])]);
  assert.deepEqual(nodesOf(await rewrite(reshapes, net, net.graph('y'))), ['y = Reshape(x, s3) -> y FP32[4,3]']);
});

test('one that somebody else reads stays for him; one whose shape copies a size waits', async () => {
  const net = new Net();
  net.node('a', 'Reshape', [net.input('x', [2, 6]), net.list('s1', [3, 4])]);
  net.node('y', 'Reshape', ['a', net.list('s2', [12])]);
  net.node('z', 'Reshape', ['a', net.list('s3', [0, 2, 2])]);
  assert.deepEqual(nodesOf(await rewrite(reshapes, net, net.graph('a', 'y', 'z'))), [
    'a = Reshape(x, s1) -> a FP32[3,4]', 'y = Reshape(x, s2) -> y FP32[12]', 'z = Reshape(a, s3) -> z FP32[3,2,2]',
  ]);
});

test('a function between two is computed before them, and two that undo each other vanish', async () => {
  const net = new Net();
  net.node('a', 'Reshape', [net.input('x', [2, 6]), net.list('s1', [3, 4])]);
  net.node('f', 'Mul', ['a', net.weight('c', [], [3])]);
  net.node('y', 'Reshape', ['f', net.list('s2', [2, 6])]);
  const graph = net.graph(net.node('end', 'Relu', ['y']));
  const { graph: after } = await optimise(graph, { passes: [reshapes, removeIdentity], blobs: net.blobs, keep: net.keep, opOf, runFloat });
  await assertSame(net, graph, after);
  assert.deepEqual(after.nodes.map(({ op }) => op), ['Mul', 'Relu']);
});

test('a function of a Reshape that somebody else reads keeps its place', async () => {
  const net = new Net();
  net.node('a', 'Reshape', [net.input('x', [2, 6]), net.list('s1', [3, 4])]);
  net.node('y', 'Reshape', [net.node('f', 'Relu', ['a']), net.list('s2', [2, 6])]);
  const graph = net.graph('a', 'y');
  assert.deepEqual((await rewrite(reshapes, net, graph)).nodes, graph.nodes);
});

test('a function that leads elsewhere, or is an output, keeps its place', async () => {
  const net = new Net();
  net.node('a', 'Reshape', [net.input('x', [2, 6]), net.list('s1', [3, 4])]);
  net.node('f', 'Relu', ['a']);
  net.node('y', 'Reshape', ['f', net.list('s2', [2, 6])]);
  const graph = net.graph('f', 'y');
  assert.deepEqual((await rewrite(reshapes, net, graph)).nodes, graph.nodes);
});
