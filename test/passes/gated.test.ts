import assert from 'node:assert/strict';
import test from 'node:test';
import { gatedActivations } from '../../src/passes/gated.ts';
import { Net } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

const net = (): Net => {
  const fresh = new Net();
  fresh.input('x', [2, 3, 40]);
  return fresh;
};
const number = (n: Net, value: number): string => n.weight(`c${Object.keys(n.weights).length}`, [], [value]);
/** 1 + erf(x / sqrt(2)). */
const bell = (n: Net, root = Math.SQRT2): string => n.node('bell', 'Add', [n.node('erf', 'Erf', [n.node('root', 'Div', ['x', number(n, root)])]), number(n, 1)]);
const half = (n: Net, name: string, x: string): string => n.node(name, 'Mul', [x, number(n, 0.5)]);

const gelus: Readonly<Record<string, (n: Net) => string>> = {
  'x * (1 + erf(x / sqrt 2)) * 0.5': (n) => half(n, 'y', n.node('product', 'Mul', ['x', bell(n)])),
  '0.5 * x * (1 + erf(x / sqrt 2))': (n) => n.node('y', 'Mul', [half(n, 'half', 'x'), bell(n)]),
  'x * (0.5 * (1 + erf(x / sqrt 2)))': (n) => n.node('y', 'Mul', ['x', half(n, 'half', bell(n))]),
  'x * (0.5 + 0.5 * erf(x * 0.70710678))': (n) => {
    const erf = n.node('erf', 'Erf', [n.node('root', 'Mul', [number(n, 0.70710678), 'x'])]);
    return n.node('y', 'Mul', [n.node('bell', 'Add', [half(n, 'half', erf), number(n, 0.5)]), 'x']);
  },
  'the product divided by 2': (n) => n.node('y', 'Div', [n.node('product', 'Mul', [bell(n), 'x']), number(n, 2)]),
};

for (const [spelling, build] of Object.entries(gelus)) {
  test(`${spelling} is Gelu`, async () => {
    const one = net();
    assert.deepEqual(nodesOf(await rewrite(gatedActivations, one, one.graph(build(one)))).map((line) => line.replace(/^\w+/, '')), [' = Gelu(x) -> y FP32[2,3,40]']);
  });
}

test('x * tanh(softplus(x)) is Mish', async () => {
  const one = net();
  const y = one.node('y', 'Mul', [one.node('gate', 'Tanh', [one.node('plus', 'Softplus', ['x'])]), 'x']);
  assert.deepEqual(nodesOf(await rewrite(gatedActivations, one, one.graph(y))), ['plus = Mish(x) -> y FP32[2,3,40]']);
});

const others: Readonly<Record<string, (n: Net) => readonly string[]>> = {
  'without its half': (n) => [n.node('y', 'Mul', ['x', bell(n)])],
  'with another root': (n) => [half(n, 'y', n.node('product', 'Mul', ['x', bell(n, 1.5)]))],
  'of another tensor': (n) => [half(n, 'y', n.node('product', 'Mul', [n.node('z', 'Neg', ['x']), bell(n)]))],
  'with a bell that is read elsewhere': (n) => [half(n, 'y', n.node('product', 'Mul', ['x', bell(n)])), n.node('other', 'Neg', ['bell'])],
  'with a product that is an output': (n) => [half(n, 'y', n.node('product', 'Mul', ['x', bell(n)])), 'product'],
  'sigmoid of softplus': (n) => [n.node('y', 'Mul', [n.node('gate', 'Sigmoid', [n.node('plus', 'Softplus', ['x'])]), 'x'])],
};

for (const [name, build] of Object.entries(others)) {
  test(`${name}: left alone`, async () => {
    const one = net();
    const graph = one.graph(...build(one));
    assert.deepEqual((await rewrite(gatedActivations, one, graph)).nodes, graph.nodes);
  });
}
