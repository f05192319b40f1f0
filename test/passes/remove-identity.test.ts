import assert from 'node:assert/strict';
import test from 'node:test';
import type { Attribute } from '../../src/graph/graph.ts';
import { removeIdentity } from '../../src/passes/remove-identity.ts';
import { Net } from '../ops/net.ts';
import { nodesOf, rewrite } from './rig.ts';

interface Step {
  readonly op: string;
  /** Constants behind the activation. */
  readonly lists?: readonly (readonly number[] | '')[];
  readonly number?: { readonly value: number; readonly first?: boolean };
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

async function left(step: Step): Promise<readonly string[]> {
  const net = new Net();
  const head = net.node('head', 'Relu', [net.input('x', [1, 4, 1, 6])]);
  const lists = (step.lists ?? []).map((list, i) => (list === '' ? '' : net.list(`l${i}`, list)));
  const constants = step.number === undefined ? lists : [net.weight('c', [], [step.number.value])];
  const inputs = step.number?.first === true ? [...constants, head] : [head, ...constants];
  const middle = net.node('middle', step.op, inputs, step.attributes);
  const after = await rewrite(removeIdentity, net, net.graph(net.node('tail', 'Neg', [middle])));
  return after.nodes.map(({ op }) => op);
}

const idle: readonly Step[] = [
  { op: 'Identity' }, { op: 'Dropout' }, { op: 'Cast', attributes: { to: 1 } }, { op: 'Reshape', lists: [[0, 4, -1, 6]] },
  { op: 'Transpose', attributes: { perm: [0, 1, 2, 3] } }, { op: 'Slice', lists: [[0], [9223372036854775807], [3]] },
  { op: 'Pad', lists: [[0, 0, 0, 0, 0, 0, 0, 0]] }, { op: 'Concat', attributes: { axis: 1 } }, { op: 'Expand', lists: [[1, 1, 1, 1]] },
  { op: 'Tile', lists: [[1, 1, 1, 1]] }, { op: 'Max' }, { op: 'Resize', lists: ['', '', [1, 4, 1, 6]] }, { op: 'Squeeze', lists: [[]] },
  { op: 'Add', number: { value: 0 } }, { op: 'Sub', number: { value: 0 } }, { op: 'Mul', number: { value: 1, first: true } }, { op: 'Div', number: { value: 1 } }, { op: 'Pow', number: { value: 1 } },
];
for (const step of idle) test(`${JSON.stringify(step)} does nothing and goes`, async () => assert.deepEqual(await left(step), ['Relu', 'Neg']));

const busy: readonly Step[] = [
  { op: 'Transpose', attributes: { perm: [0, 3, 2, 1] } }, { op: 'Slice', lists: [[-1], [-99], [3], [-1]] }, { op: 'Pad', lists: [[0, 0, 0, 1, 0, 0, 0, -1]] },
  { op: 'Reshape', lists: [[4, 6]] }, { op: 'Sub', number: { value: 0, first: true } }, { op: 'Mul', number: { value: 2 } }, { op: 'Neg' },
];
for (const step of busy) test(`${JSON.stringify(step)} does something and stays`, async () => assert.deepEqual(await left(step), ['Relu', step.op, 'Neg']));

test('an Identity at the end gives its name to what is before it', async () => {
  const net = new Net();
  const head = net.node('head', 'Relu', [net.input('x', [2])]);
  const other = net.node('other', 'Neg', [head]);
  const after = await rewrite(removeIdentity, net, net.graph(net.node('y', 'Identity', [head]), other));
  assert.deepEqual(nodesOf(after), ['head = Relu(x) -> y FP32[2]', 'other = Neg(y) -> other FP32[2]']);
});

test('an Identity between an input and an output, or two outputs, stays', async () => {
  const net = new Net();
  const x = net.input('x', [2]);
  const y = net.node('y', 'Relu', [x]);
  const graph = net.graph(net.node('copy', 'Identity', [x]), y, net.node('again', 'Identity', [y]));
  assert.deepEqual((await rewrite(removeIdentity, net, graph)).nodes, graph.nodes);
});

test('a Dropout whose mask is read stays', async () => {
  const net = new Net();
  net.nodeWith('drop', 'Dropout', { inputs: [net.input('x', [2])], outputs: ['kept', 'mask'] });
  const graph = net.graph(net.node('y', 'Relu', ['kept']), 'mask');
  assert.equal((await rewrite(removeIdentity, net, graph)).nodes.length, 2);
});
