import assert from 'node:assert/strict';
import test from 'node:test';
import { affineToConv } from '../../src/passes/affine-to-conv.ts';
import { foldAffine } from '../../src/passes/fold-affine.ts';
import { optimise } from '../../src/passes/optimise.ts';
import { runFloat } from '../../src/passes/run-float.ts';
import { opOf } from '../../src/ops/index.ts';
import { Net } from '../ops/net.ts';
import { assertSame, nodesOf, rewrite } from './rig.ts';

const conv = 'Conv(x, "y:weight", "y:bias") dilations=[1,1] group=3 kernel_shape=[1,1] pads=[0,0,0,0] strides=[1,1] -> y FP32[2,3,4,5]';

test('a BatchNormalization of an input becomes a depthwise Conv of one tap', async () => {
  const net = new Net();
  const [scale, shift, mean] = ['scale', 'shift', 'mean'].map((name) => net.weight(name, [3]));
  net.node('y', 'BatchNormalization', [net.input('x', [2, 3, 4, 5]), scale!, shift!, mean!, net.weight('variance', [3], [1, 0.5, 2])]);
  assert.deepEqual(nodesOf(await rewrite(affineToConv, net, net.graph('y'))), [`y = ${conv}`]);
});

test('a scale of each channel has no bias; a shift has', async () => {
  const net = new Net();
  net.input('x', [2, 3, 4, 5]);
  net.node('y', 'Mul', ['x', net.weight('a', [1, 3, 1, 1])]);
  net.node('z', 'Sub', [net.weight('b', [3, 1, 1]), 'x']);
  assert.deepEqual((await rewrite(affineToConv, net, net.graph('y', 'z'))).nodes.map(({ op, inputs }) => [op, inputs.length]), [['Conv', 2], ['Conv', 3]]);
});

test('a chain becomes one Conv: what follows is folded into it', async () => {
  const net = new Net();
  net.node('minus', 'Sub', [net.input('x', [2, 3, 4, 5]), net.weight('mean', [3, 1, 1])]);
  net.node('y', 'Div', ['minus', net.weight('std', [3, 1, 1], [1, 2, 3])]);
  const graph = net.graph('y');
  const { graph: after } = await optimise(graph, { passes: [affineToConv, foldAffine], blobs: net.blobs, keep: net.keep, opOf, runFloat });
  await assertSame(net, graph, after);
  assert.deepEqual(nodesOf(after), [`minus = ${conv}`]);
});

test('a scale by one number, of another axis, of another rank or that enlarges stays', async () => {
  const net = new Net();
  net.input('x', [2, 3, 4, 5]);
  net.node('one', 'Mul', ['x', net.weight('a', [1], [2])]);
  net.node('columns', 'Mul', ['x', net.weight('b', [5])]);
  net.node('rows', 'Add', [net.input('r', [4, 3]), net.weight('c', [3])]);
  net.node('larger', 'Add', [net.input('s', [2, 1, 4, 5]), net.weight('d', [3, 1, 1])]);
  const graph = net.graph('one', 'columns', 'rows', 'larger');
  assert.deepEqual((await rewrite(affineToConv, net, graph)).nodes, graph.nodes);
});
