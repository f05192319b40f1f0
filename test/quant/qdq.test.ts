// The quantised model as standard ONNX: what ONNX Runtime makes of it against the integer definitions, and what a reader finds in it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { elements } from '../../src/base/dtype.ts';
import { opsetOf } from '../../src/onnx/read.ts';
import { decodeModel } from '../../src/onnx/codec.ts';
import { kindOf } from '../../src/ops/kinds/index.ts';
import type { Codes } from '../../src/ops/group.ts';
import { randomCodes } from '../../src/quant/codes.ts';
import { Net } from '../ops/net.ts';
import { readIndependently } from '../onnx/rig.ts';
import { feedOf, numbersOf, quantised, runPart, runQdq, runReference, type How, type Quantised } from './qdq.ts';

const square = (k: number, pad: number, group = 1) => ({ kernel_shape: [k, k], pads: [pad, pad, pad, pad], strides: [1, 1], dilations: [1, 1], group });

/** One of everything: dense and depthwise convolutions with chains, a residual, an aligned concat, pools, a product, a gate of two nodes, a matrix and a softmax. */
function everything(): Net {
  const net = new Net(5);
  const x = net.input('x', [1, 3, 12, 12]);
  const stem = net.node('act', 'HardSwish', [net.node('stem', 'Conv', [x, net.weight('stem.w', [8, 3, 3, 3]), net.weight('stem.b', [8])], square(3, 1))]);
  const deep = net.node('relu', 'Relu', [net.node('deep', 'Conv', [stem, net.weight('deep.w', [8, 1, 3, 3]), net.weight('deep.b', [8])], square(3, 1, 8))]);
  const join = net.node('join', 'Add', [stem, deep]);
  const silu = net.node('silu', 'Mul', [join, net.node('soft', 'Sigmoid', [join])]);
  const left = net.node('left', 'Conv', [silu, net.weight('shared.w', [8, 8, 1, 1])], square(1, 0));
  const right = net.node('right', 'Conv', [left, 'shared.w'], square(1, 0));
  const cat = net.node('cat', 'Concat', [join, left, right], { axis: 1 });
  const pool = net.node('pool', 'MaxPool', [cat], { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] });
  const mean = net.node('mean', 'GlobalAveragePool', [pool]);
  const gate = net.node('gate', 'HardSigmoid', [net.node('squeeze', 'Conv', [mean, net.weight('squeeze.w', [24, 24, 1, 1]), net.weight('squeeze.b', [24])], square(1, 0))]);
  const gated = net.node('gated', 'Mul', [pool, gate]);
  const up = net.node('up', 'Sigmoid', [net.node('wide', 'ConvTranspose', [gated, net.weight('wide.w', [24, 4, 2, 2]), net.weight('wide.b', [4])], { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 })]);
  const average = net.node('average', 'AveragePool', [up], { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], count_include_pad: 1 });
  const flat = net.node('flat', 'Reshape', [average, net.list('flat.shape', [1, 144])]);
  const scores = net.node('scores', 'Gemm', [flat, net.weight('scores.w', [144, 10]), net.weight('scores.b', [10])], { alpha: 1, beta: 1, transA: 0, transB: 0 });
  net.node('y', 'Softmax', [scores], { axis: -1 });
  return net;
}

const outputs = ['y', 'up'];
const all = (types: object) => [{ start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'], ...types }];

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

/** Signal to noise in dB. */
function ratio({ data }: Codes, other: Float32Array): number {
  let [signal, noise] = [0, 0];
  data.forEach((value, i) => {
    signal += value * value;
    noise += (value - other[i]!) ** 2;
  });
  return 10 * Math.log10(signal / noise);
}

const nodeOf = ({ qdq }: Quantised, output: string) => qdq.nodes.find((node) => node.outputs.includes(output))!;

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
