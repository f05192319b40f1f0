import assert from 'node:assert/strict';
import test from 'node:test';
import { printGraph } from '../../src/graph/print.ts';
import { foldAffine } from '../../src/passes/fold-affine.ts';
import { Net, drawFrom, pick, seed, soak } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

function normalise(net: Net, name: string, x: string, channels: number): string {
  const positive = Array.from({ length: channels }, () => 0.5 + net.draw());
  const parameters = [net.weight(`${name}.gamma`, [channels]), net.weight(`${name}.beta`, [channels]), net.weight(`${name}.mean`, [channels]), net.weight(`${name}.var`, [channels], positive)];
  return net.node(name, 'BatchNormalization', [x, ...parameters], { epsilon: 1e-3 });
}

test('Conv and BatchNormalization become one Conv, called by the first and giving the last tensor', async () => {
  const net = new Net();
  const y = net.node('conv', 'Conv', [net.input('x', [1, 2, 4, 4]), net.weight('w', [3, 2, 3, 3])], { pads: [1, 1, 1, 1] });
  const after = await rewrite(foldAffine, net, net.graph(net.node('out', 'Relu', [normalise(net, 'bn', y, 3)])));
  assert.equal(printGraph(after, { brief: true }), `graph net
  input x FP32[1,2,4,4]
  conv = Conv(x, "bn:weight", "bn:bias") pads=[1,1,1,1] -> bn FP32[1,3,4,4]
  out = Relu(bn) -> out FP32[1,3,4,4]
  output out
  weight "bn:bias" FP32[3] 7804abdb
  weight "bn:weight" FP32[3,2,3,3] fb90238c
`);
});

test('ConvTranspose, a per-channel Add and BatchNormalization become one ConvTranspose', async () => {
  const net = new Net();
  const y = net.node('up', 'ConvTranspose', [net.input('x', [1, 3, 4, 4]), net.weight('w', [3, 2, 2, 2])], { strides: [2, 2] });
  const sum = net.node('sum', 'Add', [y, net.weight('b', [1, 2, 1, 1])]);
  assert.deepEqual(nodesOf(await rewrite(foldAffine, net, net.graph(normalise(net, 'bn', sum, 2)))), [
    'up = ConvTranspose(x, "bn:weight", "bn:bias") strides=[2,2] -> bn FP32[1,2,8,8]',
  ]);
});

test('a grouped ConvTranspose is scaled by its own channels', async () => {
  const net = new Net();
  const y = net.node('up', 'ConvTranspose', [net.input('x', [1, 4, 3, 3]), net.weight('w', [4, 3, 2, 2]), net.weight('b', [6])], { group: 2 });
  assert.equal((await rewrite(foldAffine, net, net.graph(normalise(net, 'bn', y, 6)))).nodes.length, 1);
});

test('scalar Mul and Add behind a Conv are folded, whichever side the constant is on', async () => {
  const net = new Net();
  const y = net.node('conv', 'Conv', [net.input('x', [1, 2, 4, 4]), net.weight('w', [3, 2, 1, 1]), net.weight('b', [3])]);
  const scaled = net.node('scaled', 'Mul', [net.weight('s', [1], [1.5]), y]);
  const shifted = net.node('shifted', 'Add', [scaled, net.weight('t', [1], [-0.25])]);
  const less = net.node('less', 'Sub', [net.weight('u', [], [2]), shifted]);
  const shared = net.node('shared', 'Div', [less, net.weight('v', [3, 1, 1])]);
  assert.deepEqual(nodesOf(await rewrite(foldAffine, net, net.graph(shared))), ['conv = Conv(x, "shared:weight", "shared:bias") -> shared FP32[1,3,4,4]']);
});

test('Gemm gives up alpha, beta and an odd bias', async () => {
  const net = new Net();
  const y = net.node('fc', 'Gemm', [net.input('x', [2, 4]), net.weight('w', [5, 4]), net.weight('c', [], [0.5])], { alpha: 0.5, beta: 2, transB: 1 });
  assert.deepEqual(nodesOf(await rewrite(foldAffine, net, net.graph(y))), ['fc = Gemm(x, "fc:weight", "fc:bias") alpha=1 beta=1 transB=1 -> fc FP32[2,5]']);
});

test('MatMul takes a scale, but has no place for a shift', async () => {
  const net = new Net();
  const y = net.node('fc', 'MatMul', [net.input('x', [2, 3, 4]), net.weight('w', [4, 5])]);
  const scaled = net.node('scaled', 'Mul', [y, net.weight('s', [5])]);
  const shifted = net.node('shifted', 'Add', [scaled, net.weight('t', [5])]);
  assert.deepEqual(nodesOf(await rewrite(foldAffine, net, net.graph(shifted))), [
    'fc = MatMul(x, "scaled:weight") -> scaled FP32[2,3,5]',
    'shifted = Add(scaled, t) -> shifted FP32[2,3,5]',
  ]);
});

test('what somebody else sees stays as it is', async () => {
  for (const see of ['an output', 'another reader', 'the same node twice'] as const) {
    const net = new Net();
    const y = net.node('conv', 'Conv', [net.input('x', [1, 2, 4, 4]), net.weight('w', [3, 2, 1, 1])]);
    const scaled = see === 'the same node twice' ? net.node('scaled', 'Mul', [y, y]) : net.node('scaled', 'Mul', [y, net.weight('s', [], [2])]);
    const other = see === 'another reader' ? [net.node('other', 'Relu', [y])] : see === 'an output' ? [y] : [];
    const graph = net.graph(scaled, ...other);
    assert.deepEqual((await rewrite(foldAffine, net, graph)).nodes, graph.nodes, see);
  }
});

test('a constant that varies over the plane, or enlarges the tensor, is left alone', async () => {
  for (const shape of [[1, 1, 4, 4], [2, 1, 1, 1], [1, 1, 3, 1, 1]]) {
    const net = new Net();
    const y = net.node('conv', 'Conv', [net.input('x', [1, 2, 4, 4]), net.weight('w', [3, 2, 1, 1])]);
    const graph = net.graph(net.node('sum', 'Add', [y, net.weight('c', shape)]));
    assert.equal((await rewrite(foldAffine, net, graph)).nodes.length, 2, shape.join());
  }
});

test('a scale before a padded Conv stays outside of it', async () => {
  const net = new Net();
  const shifted = net.node('shifted', 'Add', [net.input('x', [1, 2, 4, 4]), net.weight('t', [], [1])]);
  const y = net.node('conv', 'Conv', [shifted, net.weight('w', [3, 2, 3, 3])], { pads: [1, 1, 1, 1] });
  assert.equal((await rewrite(foldAffine, net, net.graph(y))).nodes.length, 2);
});

test('a weight that two nodes share is folded for each on its own', async () => {
  const net = new Net();
  const x = net.input('x', [1, 3, 4, 4]);
  const w = net.weight('w', [3, 3, 1, 1]);
  const first = net.node('a_scaled', 'Mul', [net.node('a', 'Conv', [x, w]), net.weight('s', [], [2])]);
  const second = net.node('b', 'Conv', [first, w]);
  const after = await rewrite(foldAffine, net, net.graph(second));
  assert.deepEqual(nodesOf(after), ['a = Conv(x, "a_scaled:weight") -> a_scaled FP32[1,3,4,4]', 'b = Conv(a_scaled, w) -> b FP32[1,3,4,4]']);
});

test('the whole chain is rounded once', async () => {
  const net = new Net();
  const tenth = Math.fround(0.1);
  const y = net.node('conv', 'Conv', [net.input('x', [1, 1, 2, 2]), net.weight('w', [1, 1, 1, 1], [1])]);
  const a = net.node('a', 'Mul', [y, net.weight('s', [], [0.1])]);
  const after = await rewrite(foldAffine, net, net.graph(net.node('b', 'Div', [a, net.weight('t', [], [0.3])])));
  const bytes = net.blobs(after.weights['b:weight']!.digest);
  assert.equal(new Float32Array(bytes.slice().buffer)[0], Math.fround(tenth * (1 / Math.fround(0.3))));
});

test(`random chains behind random linear nodes keep their meaning (SEED=${seed})`, async () => {
  const draw = drawFrom(seed);
  for (let i = 0; i < (soak ? 300 : 30); i++) {
    const net = new Net(pick(draw, 0, 1e6));
    const [groups, channels] = [pick(draw, 1, 2), 2 * pick(draw, 1, 3)];
    let y = randomLinear(net, { kind: pick(draw, 0, 3), groups, channels });
    const rank = net.nodes.at(-1)!.op === 'Gemm' || net.nodes.at(-1)!.op === 'MatMul' ? 2 : 4;
    const perChannel = rank === 2 ? [channels] : [channels, 1, 1];
    for (let k = 0; k < pick(draw, 1, 4); k++) {
      const op = ['Add', 'Sub', 'Mul', 'Div'][pick(draw, 0, 3)]!;
      const shape = draw() < 0.5 ? perChannel : [];
      const numbers = Array.from({ length: shape.length === 0 ? 1 : channels }, () => 0.5 + draw());
      const c = net.weight(`c${k}`, shape, numbers);
      y = net.node(`n${k}`, op, op !== 'Div' && draw() < 0.5 ? [c, y] : [y, c]);
    }
    const before = net.graph(y);
    const after = await rewrite(foldAffine, net, before);
    if (before.nodes[0]!.op !== 'MatMul') assert.equal(after.nodes.length, 1, nodesOf(after).join('\n'));
  }
});

function randomLinear(net: Net, { kind, groups, channels }: { kind: number; groups: number; channels: number }): string {
  if (kind === 0) return net.node('l', 'Conv', [net.input('x', [1, 2 * groups, 5, 5]), net.weight('w', [channels, 2, 3, 3])], { group: groups });
  if (kind === 1) return net.node('l', 'ConvTranspose', [net.input('x', [1, 2 * groups, 3, 3]), net.weight('w', [2 * groups, channels / groups, 2, 2]), net.weight('b', [channels])], { group: groups });
  if (kind === 2) {
    const transB = groups - 1;
    return net.node('l', 'Gemm', [net.input('x', [2, 3]), net.weight('w', transB === 1 ? [channels, 3] : [3, channels]), net.weight('b', [channels])], { transB });
  }
  return net.node('l', 'MatMul', [net.input('x', [2, 3]), net.weight('w', [3, channels])]);
}
