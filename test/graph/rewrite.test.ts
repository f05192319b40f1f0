// The steps that passes are made of.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Graph } from '../../src/graph/graph.ts';
import { printGraph } from '../../src/graph/print.ts';
import { addWeights, canonicalOrder, consumersOf, extract, producersOf, prune, renameUses, replaceNodes, sortNodes, typeOf } from '../../src/graph/rewrite.ts';
import { brokenRules } from '../../src/graph/verify.ts';
import { graphOf, randomGraph, randomness } from './rig.ts';

const graph = graphOf(`graph g
  input x FP32[2]
  input unused FP32[1]
  a = Relu(x) -> t FP32[2]
  b = Identity(t) -> u FP32[2]
  c = Add(u, w) -> y FP32[2]
  dead = Mul(t, v) -> z FP32[2]
  output y
  weight v FP32[2] #v
  weight w FP32[2] #w`);

const lines = (of: Graph): string[] => printGraph(of, { brief: true }).trim().split('\n').slice(1).map((line) => line.trim());

test('producers and consumers', () => {
  assert.deepEqual([...producersOf(graph)].map(([tensor, node]) => [tensor, node.name]), [['t', 'a'], ['u', 'b'], ['y', 'c'], ['z', 'dead']]);
  assert.deepEqual([...consumersOf(graph)].map(([tensor, nodes]) => [tensor, nodes.map((node) => node.name).join()]), [['x', 'a'], ['t', 'b,dead'], ['u', 'c'], ['w', 'c'], ['v', 'dead']]);
  assert.deepEqual(typeOf(graph, 'w'), graph.weights['w']);
  assert.equal(typeOf(graph, 'toString'), undefined);
});

test('taking a node out: its readers read what it read, and what nobody needs is dropped', () => {
  const without = prune(renameUses(replaceNodes(graph, new Map([['b', []]])), new Map([['u', 't']])));
  assert.deepEqual(lines(without), ['input x FP32[2]', 'input unused FP32[1]', 'a = Relu(x) -> t FP32[2]', 'c = Add(t, w) -> y FP32[2]', 'output y', `weight w FP32[2] ${graph.weights['w']!.digest.slice(0, 8)}`]);
});

test('renames are followed through chains, and never for ever', () => {
  assert.deepEqual(renameUses(graph, new Map([['u', 't'], ['t', 'x']])).nodes.map((node) => node.inputs[0]), ['x', 'x', 'x', 'x']);
  assert.throws(() => renameUses(graph, new Map([['u', 't'], ['t', 'u']])), /BUG: renaming "u" never ends|BUG: renaming "t" never ends/);
});

test('one node becomes two, with a new weight', () => {
  const [, , add] = graph.nodes;
  const next = addWeights(graph, { k: { ...graph.weights['w']! } });
  const split = replaceNodes(next, new Map([['c', [{ ...add!, name: 'c1', outputs: ['m'] }, { ...add!, name: 'c2', inputs: ['m', 'k'] }]]]));
  assert.deepEqual(brokenRules(split), []);
  assert.deepEqual(split.nodes.map((node) => node.name), ['a', 'b', 'c1', 'c2', 'dead']);
});

test('part of a graph is a graph: what it reads becomes its inputs', () => {
  assert.deepEqual(lines(extract(graph, { name: 'tail', nodes: new Set(['b', 'c']), outputs: ['y'] })), [
    'input t FP32[2]', 'b = Identity(t) -> u FP32[2]', 'c = Add(u, w) -> y FP32[2]', 'output y', `weight w FP32[2] ${graph.weights['w']!.digest.slice(0, 8)}`,
  ]);
});

test('canonical order depends on names and edges, never on the order given', () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const next = randomness(seed);
  for (let round = 0; round < 200; round++) {
    const one = randomGraph(next);
    const shuffled = one.nodes.map((node) => ({ node, key: next(1000) })).sort((a, b) => a.key - b.key).map(({ node }) => node);
    const order = canonicalOrder({ nodes: shuffled });
    assert.deepEqual(order, canonicalOrder(one), `SEED=${seed}`);
    assert.deepEqual(brokenRules({ ...one, nodes: order }), [], `SEED=${seed}`);
  }
});

test('a list that is in order stays as it is; a cycle is a bug', () => {
  const position = new Map(graph.nodes.map((node, i) => [node, i]));
  assert.deepEqual(sortNodes(graph.nodes, (a, b) => position.get(a)! - position.get(b)!), graph.nodes);
  assert.throws(() => canonicalOrder({ nodes: graph.nodes.map((node) => (node.name === 'a' ? { ...node, inputs: ['y'] } : node)) }), { message: 'BUG: the nodes form a cycle' });
});
