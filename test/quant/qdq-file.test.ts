// What a reader finds in the QDQ model: its ends, numbers, types and names.
import assert from 'node:assert/strict';
import test from 'node:test';
import { elements } from '../../src/base/dtype.ts';
import { decodeModel } from '../../src/onnx/codec.ts';
import { opsetOf } from '../../src/onnx/read.ts';
import { readIndependently } from '../onnx/rig.ts';
import { Net } from '../ops/net.ts';
import { all, everything, outputs, square } from './qdq-networks.ts';
import { feedOf, nodeOf, numbersOf, quantised, ratio, runQdq, runReference } from './qdq.ts';

test('the file: opset 21, the float model\'s own inputs and outputs, weights in the file beside it; another reader finds the same', async () => {
  const made = await quantised(everything(), outputs);
  const read = readIndependently(made.model);
  assert.equal(opsetOf(decodeModel(made.model, 'qdq'), 'qdq'), 21);
  assert.deepEqual(read.graph!.input!.map((one) => one.name), ['x']);
  assert.deepEqual(read.graph!.output!.map((one) => one.name), outputs);
  assert.deepEqual(made.qdq.types['x'], { dtype: 'FP32', shape: [1, 3, 12, 12] });
  const outside = read.graph!.initializer!.filter((tensor) => (tensor.externalData ?? []).length > 0).map((tensor) => tensor.name);
  assert.deepEqual(outside, ['scores.w_quantized'], 'what is small stays in the model');
});

test('every edge has the scale and zero of the compiled model; edges that share them name the same constants', async () => {
  const made = await quantised(everything(), outputs, { layers: [{ layer_names: ['deep'], data_type: 'U16' }] });
  for (const { name, dtype, quant } of made.resolved.edges) {
    if (quant === null) continue;
    const tensor = made.network.edges.find((edge) => edge.name === name)!.tensor;
    const [, scale, zero] = nodeOf(made, `${tensor}_QuantizeLinear_Output`).inputs as [string, string, string];
    assert.deepEqual([numbersOf(made, scale), numbersOf(made, zero), made.qdq.weights[zero]!.dtype], [[quant.scale], [quant.zero], dtype], name);
    const dequantised = made.qdq.nodes.filter((node) => node.op === 'DequantizeLinear' && node.inputs[0] === `${tensor}_QuantizeLinear_Output`);
    assert.deepEqual(dequantised.map((node) => node.inputs.slice(1)), [[scale, zero]], name);
  }
  const scaleOf = (tensor: string): string => nodeOf(made, `${tensor}_QuantizeLinear_Output`).inputs[1]!;
  assert.deepEqual(['left', 'right', 'cat', 'pool'].map(scaleOf), ['join', 'join', 'join', 'join'].map(scaleOf));
});

test('weights are the codes of the compiled model in the order of the float tensors; a weight that two groups share is there once', async () => {
  const made = await quantised(everything(), outputs);
  for (const { fused, params, structure } of made.groups.values()) {
    const tensor = fused.weights['weight'];
    if (tensor === undefined) continue;
    const { shape } = made.graph.weights[tensor]!;
    const codes = numbersOf(made, `${tensor}_quantized`);
    assert.deepEqual([...codes].sort((a, b) => a - b), Array.from(params.arrays['weight'] as Int8Array).sort((a, b) => a - b), fused.name);
    const floats = new Float32Array(made.blobs(made.graph.weights[tensor]!.digest).slice().buffer);
    const scales = numbersOf(made, `${tensor}_scale`);
    const { attributes, inputs } = nodeOf(made, `${tensor}_DequantizeLinear_Output`);
    const axis = attributes['axis'] as number;
    assert.equal(scales.length, structure.constants['weight']!.shape[0]);
    const inner = elements(shape.slice(axis + 1));
    floats.forEach((value, i) => assert.ok(Math.abs(codes[i]! * scales[Math.floor(i / inner) % shape[axis]!]! - value) <= scales[Math.floor(i / inner) % shape[axis]!]! * 0.5001, `${tensor}[${i}]`));
    assert.deepEqual(inputs, [`${tensor}_quantized`, `${tensor}_scale`, `${tensor}_zero_point`]);
  }
  assert.equal(made.qdq.nodes.filter((node) => node.inputs[0] === 'shared.w_quantized').length, 1);
});

test('biases are the whole steps that the compiled model adds, in 32 bits', async () => {
  const made = await quantised(everything(), outputs, { layers: all({ data_type: 'U16' }) });
  for (const { fused, params, values } of made.groups.values()) {
    const bias = fused.floats['bias'];
    if (bias === undefined) continue;
    assert.deepEqual(numbersOf(made, `${bias}_quantized`), Array.from(params.arrays['bias'] as BigInt64Array, Number), fused.name);
    const steps = numbersOf(made, `${fused.weights['weight']!}_scale`).map((scale) => Math.fround(scale * values.entries[0]!.scale));
    assert.deepEqual(numbersOf(made, `${bias}_scale`), steps, fused.name);
  }
});

test('a bias that needs more than 32 bits takes larger steps, and stays as exact as a float', async () => {
  const net = new Net(9);
  net.node('y', 'Conv', [net.input('x', [1, 4, 6, 6]), net.weight('w', [3, 4, 1, 1]), net.weight('b', [3], [-3000, 0.5, 2000])], square(1, 0));
  const made = await quantised(net, ['y'], { layers: all({ data_type: 'U16', weight_data_type: 'S16' }) });
  const exact = Array.from(made.groups.get('y')!.params.arrays['bias'] as BigInt64Array, Number);
  assert.ok(Math.abs(exact[0]!) > 2 ** 31);
  const [codes, steps] = [numbersOf(made, 'b_quantized'), numbersOf(made, 'b_scale')];
  [-3000, 0.5, 2000].forEach((value, o) => assert.ok(Math.abs(codes[o]! * steps[o]! - value) <= Math.abs(value) * 2 ** -22, `${codes[o]! * steps[o]!}`));
  assert.equal(codes[1], exact[1]);
});

test('a group that computes in fewer bits than an edge has requantises it, once for all that do', async () => {
  const made = await quantised(everything(), outputs, { layers: [{ layer_names: ['deep'], data_type: 'U16' }] });
  // stem's codes have sixteen bits because deep asks for them; join takes them as eight.
  assert.equal(nodeOf(made, 'deep').inputs[0], 'act_DequantizeLinear_Output');
  assert.equal(nodeOf(made, 'join').inputs[0], 'act_U8_DequantizeLinear_Output');
  const { entries } = made.groups.get('join')!.values;
  assert.deepEqual([numbersOf(made, 'act_U8_scale'), numbersOf(made, 'act_U8_zero_point')], [[entries[0]!.scale], [entries[0]!.zero]]);
});

test('operators on the CPU stay as they are: dequantised before, quantised behind, floats between two of them', async () => {
  const made = await quantised(everything(), outputs, { unsupported: ['GlobalAveragePool', 'ConvTranspose', 'Sigmoid'] });
  assert.deepEqual(nodeOf(made, 'mean').inputs, ['pool_DequantizeLinear_Output']);
  assert.equal(nodeOf(made, 'mean_QuantizeLinear_Output').inputs[0], 'mean');
  assert.deepEqual(nodeOf(made, 'wide').inputs, ['gated_DequantizeLinear_Output', 'wide.w', 'wide.b']);
  assert.deepEqual(nodeOf(made, 'up').inputs, ['wide']);
  // up leaves as it is, and is read as codes as well.
  assert.equal(nodeOf(made, 'average').inputs[0], 'up_DequantizeLinear_Output');
});

test('pixels, layout and normalisation of the compiled model are not in it: it takes what the float model takes', async () => {
  const given = { forms: [{ tensor: 'x', dtype: 'U8', layout: 'NHWC' }], scalings: [{ tensor: 'x', mean: [100, 110, 120], std: [50, 60, 70] }] } as const;
  const [plain, made] = [await quantised(everything(), outputs), await quantised(everything(), outputs, given)];
  assert.deepEqual(made.network.edges.find((edge) => edge.role === 'input')?.dtype, 'U8');
  assert.deepEqual(made.model, plain.model);
});

test('names that the network has already are left alone', async () => {
  const net = new Net(4);
  const x = net.node('x_QuantizeLinear_Output', 'Relu', [net.input('x', [1, 4, 6, 6])]);
  net.node('w_quantized', 'Conv', [x, net.weight('w', [4, 4, 1, 1]), net.weight('w_scale', [4])], square(1, 0));
  const made = await quantised(net, ['w_quantized']);
  assert.deepEqual(made.qdq.outputs, ['w_quantized']);
  const feed = feedOf(made.graph, new Net(2).draw);
  const due = (await runReference(made, feed)).get('w_quantized')!;
  assert.ok(ratio(due, (await runQdq(made, feed, 'all'))['w_quantized']!) >= 30);
});

test('types of activations change the model alone, types of weights also the file of weights', async () => {
  const [plain, wide, wider] = [await quantised(everything(), outputs), await quantised(everything(), outputs, { layers: all({ data_type: 'U16' }) }), await quantised(everything(), outputs, { layers: all({ weight_data_type: 'S16' }) })];
  assert.deepEqual(wide.data, plain.data);
  assert.notDeepEqual(wide.model, plain.model);
  assert.notDeepEqual(wider.data, plain.data);
});
