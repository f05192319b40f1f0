// Each rule of graph/verify, broken once.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Graph } from '../../src/graph/graph.ts';
import { brokenRules, verify } from '../../src/graph/verify.ts';
import { graphOf } from './rig.ts';

const good = graphOf(`graph g
  input x FP32[2]
  a = Add(x, w) -> t FP32[2]
  b = Relu(t) -> y FP32[2]
  output y
  weight w FP32[2] #w`);

const node = (name: string, change: Partial<Graph['nodes'][number]>): Graph => ({ ...good, nodes: good.nodes.map((one) => (one.name === name ? { ...one, ...change } : one)) });

const cases: readonly (readonly [string, Graph, readonly string[]])[] = [
  ['a sound graph', good, []],
  ['a node without a name', node('a', { name: '' }), ['names: a Add has no name']],
  ['two nodes of one name', node('b', { name: 'a' }), ['names: two nodes are called "a"']],
  ['a reserved tensor name', { ...good, outputs: ['toString'], nodes: node('b', { outputs: ['toString'] }).nodes, types: { x: good.types['x']!, t: good.types['t']! } }, ['names: tensor "toString" has a reserved name']],
  ['a tensor made twice', node('b', { outputs: ['t'] }), ['producers: tensor "t" is defined again by "b"', 'outputs: "y" is not defined', 'types: "y" is no tensor of this graph']],
  ['a weight that is made', node('b', { outputs: ['w'] }), ['producers: tensor "w" is defined again by "b"', 'outputs: "y" is not defined', 'types: "y" is no tensor of this graph']],
  ['nodes out of order', { ...good, nodes: [...good.nodes].reverse() }, ['order: "b" reads "t", which is not defined before it']],
  ['an undefined input', node('b', { inputs: ['u'] }), ['order: "b" reads "u", which is not defined before it']],
  ['an undefined output', { ...good, outputs: ['z'] }, ['outputs: "z" is not defined']],
  ['an output listed twice', { ...good, outputs: ['y', 'y'] }, ['outputs: "y" is listed twice']],
  ['a weight of half an element', { ...good, weights: { w: { ...good.weights['w']!, shape: [1.5] } } }, ['weights: "w" has no proper type']],
  ['a weight with a type entry', { ...good, types: { ...good.types, w: { dtype: 'FP32', shape: [2] } } }, ['types: "w" is a weight']],
  ['a negative size', { ...good, types: { ...good.types, t: { dtype: 'FP32', shape: [-2] } } }, ['types: "t" has no proper type']],
  ['an input without a type', { ...good, types: {} }, ['types: "x" has no type']],
];

for (const [about, graph, due] of cases) {
  test(`${about}: ${due.length === 0 ? 'nothing to say' : 'reported'}`, () => assert.deepEqual(brokenRules(graph), due));
}

test('typed graphs need a type for every tensor', () => {
  const { x } = good.types;
  assert.deepEqual(brokenRules({ ...good, types: { x: x! } }, { typed: true }), ['types: "t" has no type', 'types: "y" has no type']);
});

test('with blobs, the bytes of weights are measured', () => {
  assert.deepEqual(brokenRules(good, { blobs: () => new Uint8Array(7) }), ['weights: "w" has 7 bytes, its type 8']);
});

test('a broken graph is a bug of whoever left it', () => {
  assert.throws(() => verify({ ...good, outputs: ['z'] }, 'pass fold-bn'), { name: 'Error', message: 'BUG: pass fold-bn left a broken graph\n   outputs: "z" is not defined' });
});
