import assert from 'node:assert/strict';
import test from 'node:test';
import { hardSwishPattern } from '../../src/passes/hard-swish.ts';
import { Net } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

const net = (): Net => {
  const fresh = new Net();
  fresh.input('x', [1, 2, 3, 40]);
  return fresh;
};
const number = (n: Net, value: number): string => n.weight(`c${Object.keys(n.weights).length}`, [], [value]);
const gate = (n: Net): string => n.node('clip', 'Clip', [n.node('plus', 'Add', ['x', number(n, 3)]), number(n, 0), number(n, 6)]);

const spellings: Readonly<Record<string, (n: Net) => string>> = {
  'x * clip(x + 3) / 6': (n) => n.node('y', 'Div', [n.node('product', 'Mul', ['x', gate(n)]), number(n, 6)]),
  'clip(x + 3) * x * (1 / 6)': (n) => n.node('y', 'Mul', [n.node('product', 'Mul', [gate(n), 'x']), number(n, 1 / 6)]),
  'x * (clip(x + 3) / 6)': (n) => n.node('y', 'Mul', ['x', n.node('sixth', 'Div', [gate(n), number(n, 6)])]),
  'x * 0.16666667 * clip(…), the sixth first': (n) => n.node('y', 'Mul', [n.node('sixth', 'Mul', [number(n, 0.16666667), gate(n)]), 'x']),
  'x - (-3), min and max': (n) => {
    const plus = n.node('plus', 'Sub', ['x', number(n, -3)]);
    const clip = n.node('clip', 'Min', [n.node('low', 'Max', [plus, number(n, 0)]), number(n, 6)]);
    return n.node('y', 'Div', [n.node('product', 'Mul', ['x', clip]), number(n, 6)]);
  },
  'relu(x + 3), min': (n) => {
    const plus = n.node('plus', 'Add', ['x', number(n, 3)]);
    const clip = n.node('clip', 'Min', [n.node('low', 'Relu', [plus]), number(n, 6)]);
    return n.node('y', 'Div', [n.node('product', 'Mul', ['x', clip]), number(n, 6)]);
  },
  'x * hard_sigmoid(x)': (n) => n.node('y', 'Mul', ['x', n.node('plus', 'HardSigmoid', ['x'], { alpha: Math.fround(1 / 6), beta: 0.5 })]),
};

for (const [spelling, build] of Object.entries(spellings)) {
  test(`${spelling} is HardSwish`, async () => {
    const one = net();
    assert.deepEqual(nodesOf(await rewrite(hardSwishPattern, one, one.graph(build(one)))), ['plus = HardSwish(x) -> y FP32[1,2,3,40]']);
  });
}

const others: Readonly<Record<string, (n: Net) => readonly string[]>> = {
  'clip from 1': (n) => [n.node('y', 'Div', [n.node('product', 'Mul', ['x', n.node('clip', 'Clip', [n.node('plus', 'Add', ['x', number(n, 3)]), number(n, 1), number(n, 6)])]), number(n, 6)])],
  'clip to 5': (n) => [n.node('y', 'Div', [n.node('product', 'Mul', ['x', n.node('clip', 'Clip', [n.node('plus', 'Add', ['x', number(n, 3)]), number(n, 0), number(n, 5)])]), number(n, 6)])],
  'x + 2': (n) => [n.node('y', 'Div', [n.node('product', 'Mul', ['x', n.node('clip', 'Clip', [n.node('plus', 'Add', ['x', number(n, 2)]), number(n, 0), number(n, 6)])]), number(n, 6)])],
  'a fifth': (n) => [n.node('y', 'Div', [n.node('product', 'Mul', ['x', gate(n)]), number(n, 5)])],
  'hard_sigmoid with alpha 0.2': (n) => [n.node('y', 'Mul', ['x', n.node('gate', 'HardSigmoid', ['x'])])],
  'a gate of another tensor': (n) => [n.node('y', 'Div', [n.node('product', 'Mul', [n.node('z', 'Neg', ['x']), gate(n)]), number(n, 6)])],
  'a clip that is read elsewhere': (n) => [n.node('y', 'Div', [n.node('product', 'Mul', ['x', gate(n)]), number(n, 6)]), n.node('other', 'Neg', ['clip'])],
  'a product that is an output': (n) => [n.node('y', 'Div', [n.node('product', 'Mul', ['x', gate(n)]), number(n, 6)]), 'product'],
};

for (const [name, build] of Object.entries(others)) {
  test(`${name}: left alone`, async () => {
    const one = net();
    const graph = one.graph(...build(one));
    assert.deepEqual((await rewrite(hardSwishPattern, one, graph)).nodes, graph.nodes);
  });
}

test('two in a row, the second on the first', async () => {
  const one = net();
  const first = spellings['x * clip(x + 3) / 6']!(one);
  const plus = one.node('plus2', 'Add', [first, number(one, 3)]);
  const clip = one.node('clip2', 'Clip', [plus, number(one, 0), number(one, 6)]);
  const last = one.node('z', 'Div', [one.node('product2', 'Mul', [first, clip]), number(one, 6)]);
  assert.deepEqual(nodesOf(await rewrite(hardSwishPattern, one, one.graph(last))), ['plus = HardSwish(x) -> y FP32[1,2,3,40]', 'plus2 = HardSwish(y) -> z FP32[1,2,3,40]']);
});
