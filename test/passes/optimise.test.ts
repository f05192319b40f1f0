// The passes together: order, fixed point, checks.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { printGraph } from '../../src/graph/print.ts';
import { opOf } from '../../src/ops/index.ts';
import { passes } from '../../src/passes/index.ts';
import { optimise, type Optimised } from '../../src/passes/optimise.ts';
import type { Pass } from '../../src/passes/pass.ts';
import { runFloat } from '../../src/passes/run-float.ts';
import { drawFrom, Net, pick, seed, soak } from '../ops/net.ts';
import { assertSame, histogram, nodesOf } from './rig.ts';

function all(net: Net, graph: Graph, some: readonly Pass[] = passes): Promise<Optimised> {
  return optimise(graph, { passes: some, blobs: net.blobs, keep: net.keep, opOf, runFloat, check: { seed: 1 } });
}

/** A block as paddle exports it: Conv, BatchNormalization, hard-swish, an affine behind it, Dropout. */
function block(net: Net, x: string, { name, channels }: { name: string; channels: number }): string {
  const own = (text: string): string => `${name}.${text}`;
  const conv = net.node(own('conv'), 'Conv', [x, net.weight(own('w'), [channels, channels, 3, 3])], { pads: [1, 1, 1, 1] });
  const statistics = ['gamma', 'beta', 'mean'].map((text) => net.weight(own(text), [channels]));
  const bn = net.node(own('bn'), 'BatchNormalization', [conv, ...statistics, net.weight(own('var'), [channels], Array.from({ length: channels }, () => 0.5 + net.draw()))]);
  const clip = net.node(own('clip'), 'Clip', [net.node(own('plus'), 'Add', [bn, net.weight(own('three'), [], [3])]), net.weight(own('zero'), [], [0]), net.weight(own('six'), [], [6])]);
  const swish = net.node(own('swish'), 'Div', [net.node(own('product'), 'Mul', [bn, clip]), own('six')]);
  const scaled = net.node(own('scaled'), 'Mul', [net.weight(own('scale'), [1], [1.25]), swish]);
  return net.node(own('drop'), 'Dropout', [net.node(own('shifted'), 'Add', [scaled, net.weight(own('shift'), [1], [0.5])])]);
}

test('a block of an exported network, from end to end', async () => {
  const net = new Net();
  const y = block(net, net.input('x', [1, 2, 4, 4]), { name: 'b0', channels: 2 });
  const { graph, changes } = await all(net, net.graph(net.node('out', 'Relu', [y])));
  assert.deepEqual(nodesOf(graph), [
    'b0.conv = Conv(x, "b0.bn:weight", "b0.bn:bias") pads=[1,1,1,1] -> b0.bn FP32[1,2,4,4]',
    'b0.plus = HardSwish(b0.bn) -> b0.swish FP32[1,2,4,4]',
    'b0.scaled = Mul(b0.scale, b0.swish) -> b0.scaled FP32[1,2,4,4]',
    'b0.shifted = Add(b0.scaled, b0.shift) -> b0.shifted FP32[1,2,4,4]',
    'out = Relu(b0.shifted) -> out FP32[1,2,4,4]',
  ]);
  assert.deepEqual(changes.map(({ pass, nodesBefore, nodesAfter }) => [pass, nodesBefore, nodesAfter]), [['remove-identity', 10, 9], ['fold-affine', 9, 8], ['hard-swish', 8, 5]]);
});

test('one pass opens the way for another: the bias of a Gemm is scaled in the same round, an Identity between is no wall', async () => {
  const net = new Net();
  const product = net.node('fc', 'MatMul', [net.input('x', [2, 3]), net.weight('w', [3, 4])]);
  const sum = net.node('sum', 'Add', [net.node('copy', 'Identity', [product]), net.weight('b', [4])]);
  const { graph } = await all(net, net.graph(net.node('y', 'Mul', [sum, net.node('two', 'Add', [net.weight('one', [], [1]), 'one'])])));
  assert.deepEqual(nodesOf(graph), ['fc = Gemm(x, "y:weight", "y:bias") alpha=1 beta=1 transA=0 transB=0 -> y FP32[2,4]']);
});

test('the same network twice gives the same text', async () => {
  const texts = await Promise.all([1, 1].map(async (start) => {
    const net = new Net(start);
    return printGraph((await all(net, net.graph(block(net, net.input('x', [1, 2, 4, 4]), { name: 'b0', channels: 2 })))).graph);
  }));
  assert.equal(texts[0], texts[1]);
});

test('a pass that changes the network is found out', async () => {
  const net = new Net();
  const graph = net.graph(net.node('y', 'Relu', [net.input('x', [4])]));
  const wrong: Pass = {
    name: 'wrong', about: 'Makes Relu Abs.',
    run: (before) => (before.nodes[0]!.op === 'Abs' ? before : { ...before, nodes: before.nodes.map((node) => ({ ...node, op: 'Abs' })) }),
  };
  await assert.rejects(all(net, graph, [wrong]), (error: unknown) => {
    assert.ok(error instanceof Fault);
    assert.match(error.message, /^pass wrong changed the network's output "y"\n   difference  [0-9.]+ of its largest value, 0\.001 allowed\n   try         onnx_opt\.disable_onnx_optimization, and report this model$/);
    return true;
  });
});

test('a pass that leaves a broken graph is a bug with its name', async () => {
  const net = new Net();
  const graph = net.graph(net.node('y', 'Relu', [net.input('x', [4])]));
  const careless: Pass = { name: 'careless', about: 'Loses a node.', run: (before) => ({ ...before, nodes: [] }) };
  await assert.rejects(all(net, graph, [careless]), /^Error: BUG: careless left a broken graph/);
});

test('passes that undo each other are stopped', async () => {
  const net = new Net();
  const graph = net.graph(net.node('y', 'Relu', [net.input('x', [4])]));
  const restless: Pass = { name: 'restless', about: 'Copies the graph.', run: (before) => ({ ...before }) };
  await assert.rejects(optimise(graph, { passes: [restless], blobs: net.blobs, keep: net.keep, opOf, runFloat }), /^Error: BUG: the passes restless never come to an end$/);
});

test(`random networks of blocks keep their meaning (SEED=${seed})`, async () => {
  const draw = drawFrom(seed);
  for (let i = 0; i < (soak ? 60 : 6); i++) {
    const net = new Net(pick(draw, 0, 1e6));
    let y = net.input('x', [1, 2, 5, 5]);
    const made: string[] = [];
    for (let k = 0; k < pick(draw, 2, 5); k++) {
      y = block(net, y, { name: `b${k}`, channels: 2 });
      const back = made[pick(draw, 0, Math.max(0, made.length - 1))];
      if (back !== undefined && draw() < 0.5) y = net.node(`join${k}`, ['Add', 'Mul'][pick(draw, 0, 1)]!, [y, back]);
      if (draw() < 0.3) made.push(`b${k}.bn`);
      made.push(y);
    }
    // Sizes stay near 1, so that the comparison sees every path.
    const before = net.graph(net.node('y', 'Tanh', [net.node('mean', 'GlobalAveragePool', [y])]));
    const { graph } = await all(net, before);
    await assertSame(net, before, graph);
    assert.equal(histogram(graph)['BatchNormalization'], undefined);
  }
});
