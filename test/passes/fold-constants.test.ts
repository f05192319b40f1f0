import assert from 'node:assert/strict';
import test from 'node:test';
import { numbersOf } from '../../src/graph/numbers.ts';
import { printGraph } from '../../src/graph/print.ts';
import { foldConstants } from '../../src/passes/fold-constants.ts';
import { Net } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

test('the shape arithmetic of an exported flatten is gone', async () => {
  const net = new Net();
  const x = net.input('x', [2, 3, 4, 1]);
  const sizes = net.node('sizes', 'Cast', [net.node('shape', 'Shape', [x])], { to: 6 });
  const batch = net.node('batch', 'Slice', [sizes, net.list('zero', [0]), net.list('one', [1])]);
  const wanted = net.node('wanted', 'Concat', [net.node('wide', 'Cast', [batch], { to: 7 }), net.list('rest', [-1])], { axis: 0 });
  const after = await rewrite(foldConstants, net, net.graph(net.node('y', 'Reshape', [x, wanted])));
  assert.deepEqual(nodesOf(after), ['y = Reshape(x, wanted) -> y FP32[2,12]']);
  assert.deepEqual(numbersOf(net.blobs(after.weights['wanted']!.digest), 'S64'), [2, -1]);
});

test('float constants are computed by ONNX Runtime, what nobody reads outside is not kept', async () => {
  const net = new Net();
  const x = net.input('x', [2, 3]);
  const turned = net.node('turned', 'Transpose', [net.weight('w', [4, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])]);
  const doubled = net.node('doubled', 'Mul', [turned, net.weight('two', [], [2])]);
  const after = await rewrite(foldConstants, net, net.graph(net.node('y', 'MatMul', [x, doubled])));
  assert.equal(printGraph(after, { brief: true }), `graph net
  input x FP32[2,3]
  y = MatMul(x, doubled) -> y FP32[2,4]
  output y
  weight doubled FP32[3,4] 008a59ae
`);
  assert.deepEqual(numbersOf(net.blobs(after.weights['doubled']!.digest), 'FP32'), [2, 8, 14, 20, 4, 10, 16, 22, 6, 12, 18, 24]);
});

test('a Constant node becomes a weight', async () => {
  const net = new Net();
  const half = net.node('half', 'Constant', [], { value_float: 0.5 });
  const after = await rewrite(foldConstants, net, net.graph(net.node('y', 'Add', [net.input('x', [2]), half])));
  assert.deepEqual([after.nodes.map(({ op }) => op), Object.keys(after.weights)], [['Add'], ['half']]);
});

test('a constant that is an output of the network keeps the node that makes it', async () => {
  const net = new Net();
  const y = net.node('y', 'Relu', [net.input('x', [2])]);
  const z = net.node('z', 'Neg', [net.weight('w', [2], [1, -1])]);
  assert.deepEqual((await rewrite(foldConstants, net, net.graph(y, z))).nodes.map(({ name }) => name), ['y', 'z']);
});

test('nothing to do gives the same graph back', async () => {
  const net = new Net();
  const graph = net.graph(net.node('y', 'Relu', [net.input('x', [2])]));
  assert.equal(await foldConstants.run(graph, { blobs: net.blobs, keep: net.keep, opOf: () => undefined, evaluate: () => assert.fail('nothing to compute') }), graph);
});
