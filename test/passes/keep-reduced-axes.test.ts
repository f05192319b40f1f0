import assert from 'node:assert/strict';
import test from 'node:test';
import { keepReducedAxes } from '../../src/passes/keep-reduced-axes.ts';
import { Net } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

test('a mean over height and width keeps its axes, and a Reshape drops them', async () => {
  const net = new Net();
  net.node('y', 'ReduceMean', [net.input('x', [2, 5, 3, 4]), net.list('axes', [2, -1])], { keepdims: 0 });
  assert.deepEqual(nodesOf(await rewrite(keepReducedAxes, net, net.graph('y'))), [
    'y = ReduceMean(x, axes) keepdims=1 -> "y:kept" FP32[2,5,1,1]',
    '"y:shape" = Reshape("y:kept", "y:shape") allowzero=1 -> y FP32[2,5]',
  ]);
});

test('a mean that the NPU lacks either way stays, and so does one that keeps its axes', async () => {
  const net = new Net();
  net.input('x', [2, 5, 3, 4]);
  net.node('rows', 'ReduceMean', ['x', net.list('three', [3])], { keepdims: 0 });
  net.node('kept', 'ReduceMean', ['x', net.list('both', [2, 3])]);
  const graph = net.graph('rows', 'kept');
  assert.deepEqual((await rewrite(keepReducedAxes, net, graph)).nodes, graph.nodes);
});
