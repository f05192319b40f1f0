import assert from 'node:assert/strict';
import test from 'node:test';
import { reshapes } from '../../src/passes/reshapes.ts';
import { threeAxes } from '../../src/passes/three-axes.ts';
import { optimise } from '../../src/passes/optimise.ts';
import { runFloat } from '../../src/passes/run-float.ts';
import { opOf } from '../../src/ops/index.ts';
import { Net } from '../ops/net.ts';
import { assertSame, nodesOf, rewrite } from './rig.ts';

test('a product of two activations works on a stack of matrices', async () => {
  const net = new Net();
  net.node('y', 'MatMul', [net.input('a', [1, 3, 5, 4]), net.input('b', [1, 3, 4, 6])]);
  assert.deepEqual(nodesOf(await rewrite(threeAxes, net, net.graph('y'))), [
    '"y:0:rows" = Reshape(a, "a:rows:shape") allowzero=1 -> "a:rows" FP32[3,5,4]',
    '"y:1:rows" = Reshape(b, "b:rows:shape") allowzero=1 -> "b:rows" FP32[3,4,6]',
    'y = MatMul("a:rows", "b:rows") -> "y:rows" FP32[3,5,6]',
    '"y:shape" = Reshape("y:rows", "y:shape") allowzero=1 -> y FP32[1,3,5,6]',
  ]);
});

const others: Readonly<Record<string, (net: Net) => string>> = {
  'a product with a constant matrix': (net) => net.node('y', 'MatMul', [net.input('x', [2, 3, 5, 4]), net.weight('w', [4, 6])]),
  'a softmax over the last axis': (net) => net.node('y', 'Softmax', [net.input('x', [2, 3, 5, 4])], { axis: 3 }),
  'a normalisation': (net) => net.node('y', 'LayerNormalization', [net.input('x', [2, 3, 5, 4]), net.weight('scale', [4])], { axis: 3 }),
  'five axes': (net) => net.node('y', 'Softmax', [net.input('x', [1, 2, 3, 5, 4])]),
};

for (const [name, build] of Object.entries(others)) {
  test(`${name} as well`, async () => {
    const net = new Net();
    const after = await rewrite(threeAxes, net, net.graph(build(net)));
    assert.deepEqual(after.nodes.map(({ op }) => op).filter((op) => op !== 'Reshape').length, 1);
    assert.equal(after.types['y:rows']?.shape.length, 3);
  });
}

test('three axes, a softmax over another, and a product that broadcasts stay', async () => {
  const net = new Net();
  net.node('three', 'MatMul', [net.input('a', [3, 5, 4]), net.input('b', [3, 4, 6])]);
  net.node('inner', 'Softmax', [net.input('x', [2, 3, 5, 4])], { axis: 1 });
  net.node('wide', 'MatMul', ['x', net.input('c', [1, 3, 4, 6])]);
  const graph = net.graph('three', 'inner', 'wide');
  assert.deepEqual((await rewrite(threeAxes, net, graph)).nodes, graph.nodes);
});

test('what is between two of them meets without Reshapes: a scale does not care for the shape', async () => {
  const net = new Net();
  const scores = net.node('scores', 'MatMul', [net.input('q', [1, 2, 5, 4]), net.input('k', [1, 2, 4, 5])]);
  const soft = net.node('soft', 'Softmax', [net.node('scaled', 'Mul', [scores, net.weight('c', [], [0.5])])]);
  net.node('y', 'MatMul', [soft, net.input('v', [1, 2, 5, 4])]);
  const graph = net.graph('y');
  const { graph: after } = await optimise(graph, { passes: [threeAxes, reshapes], blobs: net.blobs, keep: net.keep, opOf, runFloat });
  await assertSame(net, graph, after);
  const [from, to] = [after.nodes.findIndex(({ name }) => name === 'scores'), after.nodes.findIndex(({ name }) => name === 'y')];
  const between = after.nodes.slice(from, to + 1).filter(({ inputs }) => !['q', 'k', 'v'].includes(inputs[0]!));
  assert.deepEqual(between.map(({ op }) => op), ['MatMul', 'Mul', 'Reshape', 'Softmax', 'Reshape', 'MatMul']);
});
