import assert from 'node:assert/strict';
import test from 'node:test';
import { gatherToSlice } from '../../src/passes/gather-to-slice.ts';
import { Net } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

test('one index is a Slice and a Reshape that drops its axis', async () => {
  const net = new Net();
  net.node('y', 'Gather', [net.input('x', [3, 4, 5]), net.weight('i', [], [-1], 'S64')], { axis: 1 });
  assert.deepEqual(nodesOf(await rewrite(gatherToSlice, net, net.graph('y'))), [
    'y = Slice(x, "y:start", "y:end", "y:axis", "y:step") -> "y:kept" FP32[3,1,5]',
    '"y:shape" = Reshape("y:kept", "y:shape") allowzero=1 -> y FP32[3,5]',
  ]);
});

const distances: Readonly<Record<string, readonly number[]>> = { forwards: [1, 2, 3], 'by twos': [0, 2, 4], backwards: [4, 3, 2, 1, 0], 'from the back': [-1, -3, -5], 'a list of one': [2] };

for (const [name, indices] of Object.entries(distances)) {
  test(`indices ${name} are a Slice`, async () => {
    const net = new Net();
    net.node('y', 'Gather', [net.input('x', [5, 2]), net.list('i', indices)]);
    assert.deepEqual((await rewrite(gatherToSlice, net, net.graph('y'))).nodes.map(({ op }) => op), ['Slice']);
  });
}

test('indices at uneven distances, twice the same, of two axes or computed stay a Gather', async () => {
  const net = new Net();
  net.input('x', [5, 2]);
  net.node('uneven', 'Gather', ['x', net.list('a', [0, 1, 3])]);
  net.node('same', 'Gather', ['x', net.list('b', [1, 1])]);
  net.node('matrix', 'Gather', ['x', net.weight('c', [2, 2], [0, 1, 2, 3], 'S64')]);
  net.node('computed', 'Gather', ['x', net.input('i', [2], 'S64')]);
  const graph = net.graph('uneven', 'same', 'matrix', 'computed');
  assert.deepEqual((await rewrite(gatherToSlice, net, graph)).nodes, graph.nodes);
});
