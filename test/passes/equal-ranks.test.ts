import assert from 'node:assert/strict';
import test from 'node:test';
import { equalRanks } from '../../src/passes/equal-ranks.ts';
import { Net } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

test('a constant of fewer axes gets those that broadcasting gives it, on either side', async () => {
  const net = new Net();
  net.input('x', [2, 3, 4]);
  net.node('y', 'Add', ['x', net.weight('row', [4])]);
  net.node('z', 'Sub', [net.weight('matrix', [3, 1]), 'x']);
  const after = await rewrite(equalRanks, net, net.graph('y', 'z'));
  assert.deepEqual(nodesOf(after), ['y = Add(x, "y:operand") -> y FP32[2,3,4]', 'z = Sub("z:operand", x) -> z FP32[2,3,4]']);
  assert.deepEqual([after.weights['y:operand']?.shape, after.weights['z:operand']?.shape], [[1, 1, 4], [1, 3, 1]]);
});

test('one number, and a constant of as many axes or more, stay', async () => {
  const net = new Net();
  net.input('x', [2, 3, 4]);
  net.node('one', 'Mul', ['x', net.weight('number', [1], [2])]);
  net.node('same', 'Mul', ['x', net.weight('full', [1, 3, 4])]);
  net.node('more', 'Mul', ['x', net.weight('larger', [5, 2, 3, 4])]);
  const graph = net.graph('one', 'same', 'more');
  assert.deepEqual((await rewrite(equalRanks, net, graph)).nodes, graph.nodes);
});
