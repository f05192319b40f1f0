import assert from 'node:assert/strict';
import test from 'node:test';
import { layerNormPattern } from '../../src/passes/layer-norm.ts';
import { Net } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

interface Spelling {
  readonly axis?: number;
  /** (x - mean) computed twice, as some exporters do. */
  readonly twice?: boolean;
  readonly product?: boolean;
  readonly epsilon?: number;
}

function spell(net: Net, { axis = -1, twice = false, product = false, epsilon = 1e-5 }: Spelling = {}): string {
  net.input('x', [2, 5, 6]);
  const mean = (name: string, x: string): string => net.node(name, 'ReduceMean', [x, net.list(`${name}.axes`, [axis])]);
  const centred = net.node('centred', 'Sub', ['x', mean('mean', 'x')]);
  const again = twice ? net.node('again', 'Sub', ['x', 'mean']) : centred;
  const square = product ? net.node('square', 'Mul', [again, again]) : net.node('square', 'Pow', [again, net.weight('two', [], [2])]);
  const root = net.node('root', 'Sqrt', [net.node('sum', 'Add', [mean('variance', square), net.weight('epsilon', [], [epsilon])])]);
  return net.node('quotient', 'Div', [centred, root]);
}

const spellings: Readonly<Record<string, Spelling>> = { 'with Pow': {}, 'with a product': { product: true }, 'with two differences': { twice: true }, 'over axis 2': { axis: 2 } };

for (const [name, spelling] of Object.entries(spellings)) {
  test(`${name}, scaled and shifted: one node`, async () => {
    const net = new Net();
    const scaled = net.node('scaled', 'Mul', [spell(net, spelling), net.weight('gamma', [6])]);
    const y = net.node('y', 'Add', [net.weight('beta', [6]), scaled]);
    const [line, ...rest] = nodesOf(await rewrite(layerNormPattern, net, net.graph(y)));
    assert.match(line!, /^mean = LayerNormalization\(x, gamma, beta\) axis=-1 epsilon=0\.0000099\d+ -> y FP32\[2,5,6\]$/);
    assert.deepEqual(rest, []);
  });
}

test('without scale and shift the scale is made of ones', async () => {
  const net = new Net();
  assert.deepEqual((await rewrite(layerNormPattern, net, net.graph(spell(net)))).nodes.map(({ op, inputs }) => [op, inputs]), [['LayerNormalization', ['x', 'quotient:scale']]]);
});

test('a scale by one number stays behind it; so does a row that is no constant', async () => {
  const net = new Net();
  const y = net.node('y', 'Mul', [spell(net), net.input('row', [6])]);
  assert.deepEqual((await rewrite(layerNormPattern, net, net.graph(y))).nodes.map(({ op }) => op), ['LayerNormalization', 'Mul']);
});

const others: Readonly<Record<string, (net: Net) => readonly string[]>> = {
  'over another axis': (net) => [spell(net, { axis: 1 })],
  'with a root that is read elsewhere': (net) => [spell(net), net.node('other', 'Neg', ['root'])],
  'with the mean as an output': (net) => [spell(net), 'mean'],
};

for (const [name, build] of Object.entries(others)) {
  test(`${name}: left alone`, async () => {
    const net = new Net();
    const graph = net.graph(...build(net));
    assert.deepEqual((await rewrite(layerNormPattern, net, graph)).nodes, graph.nodes);
  });
}
