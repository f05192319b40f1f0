import assert from 'node:assert/strict';
import test from 'node:test';
import { splitToSlices } from '../../src/passes/split-to-slices.ts';
import { Net } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

test('each part that is read becomes a Slice, the first keeps the name', async () => {
  const net = new Net();
  const inputs = [net.input('x', [1, 6, 2, 2]), net.list('sizes', [1, 3, 2])];
  net.nodeWith('cut', 'Split', { inputs, outputs: ['a', 'b', 'c'], attributes: { axis: -3 } });
  const after = await rewrite(splitToSlices, net, net.graph(net.node('y', 'Relu', ['c']), 'a'));
  assert.deepEqual(nodesOf(after), [
    'cut = Slice(x, "a:start", "a:end", "a:axis") -> a FP32[1,1,2,2]',
    '"cut:c" = Slice(x, "c:start", "c:end", "c:axis") -> c FP32[1,2,2,2]',
    'y = Relu(c) -> y FP32[1,2,2,2]',
  ]);
});

test('equal parts, the last one shorter', async () => {
  const net = new Net();
  net.nodeWith('cut', 'Split', { inputs: [net.input('x', [5, 2])], outputs: ['a', 'b'], attributes: { num_outputs: 2 } });
  assert.deepEqual((await rewrite(splitToSlices, net, net.graph('a', 'b'))).nodes.map(({ op }) => op), ['Slice', 'Slice']);
});
