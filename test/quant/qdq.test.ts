// The quantised model as standard ONNX: what ONNX Runtime makes of it against the integer definitions.
import assert from 'node:assert/strict';
import test from 'node:test';
import { kindOf } from '../../src/ops/kinds/index.ts';
import { randomCodes } from '../../src/quant/codes.ts';
import { Net } from '../ops/net.ts';
import { all, attention, everything, outputs } from './qdq-networks.ts';
import { runPart } from './qdq-part.ts';
import { feedOf, nodeOf, quantised, ratio, runQdq, runReference, type How } from './qdq.ts';

const settings: Readonly<Record<string, How>> = {
  'in eight bits': {},
  'in sixteen bits': { layers: all({ data_type: 'U16' }) },
  'with some operators in sixteen bits': { layers: [{ layer_names: ['deep', 'mean', 'wide'], data_type: 'U16' }] },
  'with signed codes': { layers: all({ data_type: 'S8' }) },
  'with sixteen bits in codes and weights': { layers: all({ data_type: 'S16', weight_data_type: 'S16' }) },
  'with operators that the target lacks': { unsupported: ['GlobalAveragePool', 'Sigmoid'] },
};

for (const [how, given] of Object.entries(settings)) {
  test(`operator by operator, fed the same integers, ONNX Runtime is at most one step away: ${how}`, async () => {
    const made = await quantised(everything(), outputs, given);
    const seen = await runReference(made, feedOf(made.graph, new Net(77).draw));
    let compared = 0;
    for (const group of made.groups.values()) {
      const { fused, structure, params } = group;
      if (fused.nodes.length === 0) continue;
      const random = fused.inputs.map((_, i) => randomCodes(structure.inputs[i]!, 3 + i));
      for (const inputs of [fused.inputs.map((edge) => seen.get(edge)!), random]) {
        const [due, got] = [kindOf(structure.kind).integer(structure, params, inputs).data, await runPart(made, group, inputs)];
        assert.equal(got.length, due.length, fused.name);
        const most = Math.max(...Array.from(due, (code, i) => Math.abs(code - got[i]!)));
        assert.ok(most <= 1, `${fused.name}: ${most} steps`);
        compared++;
      }
    }
    assert.ok(compared >= 20);
  });

  test(`as a whole, in ONNX Runtime without and with its optimisations, close to the integer network: ${how}`, async () => {
    const made = await quantised(everything(), outputs, given);
    const feed = feedOf(made.graph, new Net(78).draw);
    const due = await runReference(made, feed);
    for (const level of ['disabled', 'all'] as const) {
      const got = await runQdq(made, feed, level);
      for (const name of outputs) assert.ok(ratio(due.get(name)!, got[name]!) >= 25, `${name} at ${level}: ${ratio(due.get(name)!, got[name]!)} dB`);
    }
  });
}

test('an island of FP32 stays float, with conversions at its borders alone', async () => {
  const made = await quantised(everything(), outputs, { layers: [...all({ data_type: 'U16', weight_data_type: 'S16' }), { op_types: ['Add', 'Mul', 'Sigmoid'], data_type: 'FP32' }, { layer_name: 'deep', output_data_type: 'FP32' }] });
  const feed = feedOf(made.graph, new Net(78).draw);
  const due = await runReference(made, feed);
  for (const level of ['disabled', 'all'] as const) {
    const got = await runQdq(made, feed, level);
    for (const name of outputs) assert.ok(ratio(due.get(name)!, got[name]!) >= 60, `${name} at ${level}: ${ratio(due.get(name)!, got[name]!)} dB`);
  }
  const floats = made.resolved.edges.filter(({ name, quant }) => quant === null && !made.network.inputs.includes(name)).map(({ name }) => name);
  assert.deepEqual(floats, ['relu', 'up:codes', 'up', 'y']);
  // relu goes to join as it is; up, read by a pool in codes, leaves as it is as well.
  assert.ok(nodeOf(made, 'join').inputs.includes('relu'));
  assert.equal(nodeOf(made, 'up').op, 'Sigmoid');
});

for (const [how, given] of Object.entries({ 'in eight bits': {}, 'in sixteen bits': { layers: all({ data_type: 'U16', weight_data_type: 'S16' }) } })) {
  test(`attention, ${how}: at most one step away operator by operator, and close as a whole`, async () => {
    const made = await quantised(attention(), ['z'], given);
    const feed = feedOf(made.graph, new Net(78).draw);
    const due = await runReference(made, feed);
    for (const group of made.groups.values()) {
      const { fused, structure, params } = group;
      if (fused.nodes.length === 0) continue;
      const inputs = fused.inputs.map((edge) => due.get(edge)!);
      const [codes, got] = [kindOf(structure.kind).integer(structure, params, inputs).data, await runPart(made, group, inputs)];
      const most = Math.max(...Array.from(codes, (code, i) => Math.abs(code - got[i]!)));
      assert.ok(most <= 1, `${fused.name}: ${most} steps`);
    }
    for (const level of ['disabled', 'all'] as const) {
      const got = (await runQdq(made, feed, level))['z']!;
      assert.ok(ratio(due.get('z')!, got) >= 25, `${level}: ${ratio(due.get('z')!, got)} dB`);
    }
    assert.deepEqual(nodeOf(made, 'placed').inputs, ['x_DequantizeLinear_Output', 'place_DequantizeLinear_Output']);
    assert.equal(nodeOf(made, 'key').inputs[1], 'key.b_DequantizeLinear_Output');
  });
}
