// quant_axmodel.json in the words of the PPQ lineage, and the quantised network as a graph.
import assert from 'node:assert/strict';
import test from 'node:test';
import { frontendGraph, quantAxmodelJson, quantisedGraph } from '../../src/quant/export.ts';
import { partition } from '../../src/quant/partition.ts';
import type { LayerConfig } from '../../src/quant/precision.ts';
import { resolve } from '../../src/quant/resolve.ts';
import { fusesChain, sketchFor, toy, type Toy } from './toy.ts';

const one = toy(`
  input x 1x4x8x8
  weight w 4x4x3x3
  weight bias 4
  conv1: a = Conv(x, w, bias) 1x4x8x8
  act1: b = HardSwish(a) 1x4x8x8
  pool: c = MaxPool(b) 1x4x8x8
  conv2: d = Conv(b, w) 1x4x8x8
  cat: e = Concat(c, d) 1x8x8x8
  odd: f = NonZero(e) 1x8x8x8
  gap: g = GlobalAveragePool(e) 1x8x1x1
  output f g
`);

function quantised({ graph, keep, fuse }: Toy, layerConfigs: readonly LayerConfig[] = []) {
  const network = fuse();
  const { network: resolved, report } = resolve({ graph, network, sketch: sketchFor(graph), method: 'MinMax', layerConfigs, inputs: [], fusesChain, keep });
  return { graph, network, resolved, report, target: 'AX650' };
}

/** op.tensor: state bits, and who rules it when that is another. */
function statesText({ configs }: ReturnType<typeof quantAxmodelJson>): string {
  const rows = Object.entries(configs).flatMap(([op, tensors]) => Object.entries(tensors).map(([tensor, config]) => ({ name: `${op}.${tensor}`, ...config })));
  const owner = new Map(rows.map((row) => [row.hash, row.name]));
  return rows.map((row) => `${row.name}: ${row.state} ${row.bit_width}${row.dominator === row.hash ? '' : ` by ${owner.get(row.dominator)}`}`).join('\n');
}

const lines = (text: string): string => text.trim().split('\n').map((line) => line.trim()).join('\n');

test('states: fusion and copies are overlapped, aligned outputs are slaves, biases passive, the CPU computes in FP32', () => {
  assert.equal(statesText(quantAxmodelJson(quantised(one))), lines(`
    x:quantize.x:raw: FP32 32
    x:quantize.x: ACTIVATED 8
    conv1.x: OVERLAPPED 8 by x:quantize.x
    conv1.w: ACTIVATED 8
    conv1.bias: PASSIVE 32
    conv1.a: OVERLAPPED 8 by act1.b
    act1.a: OVERLAPPED 8 by act1.b
    act1.b: ACTIVATED 8
    pool.b: OVERLAPPED 8 by act1.b
    pool.c: OVERLAPPED 8 by act1.b
    conv2.b: OVERLAPPED 8 by act1.b
    conv2.w: ACTIVATED 8
    conv2.d: SLAVE 8 by act1.b
    cat.c: OVERLAPPED 8 by act1.b
    cat.d: OVERLAPPED 8 by act1.b
    cat.e: OVERLAPPED 8 by act1.b
    odd.e: OVERLAPPED 8 by act1.b
    odd.f: FP32 32
    gap.e: OVERLAPPED 8 by act1.b
    gap.g: ACTIVATED 8
    g:dequantize.g:codes: OVERLAPPED 8 by gap.g
    g:dequantize.g: FP32 32
  `));
});

test('an operator that requantises its input rules that input itself', () => {
  const { configs, values } = quantAxmodelJson(quantised(one, [{ layer_name: 'gap', data_type: 'U16' }]));
  assert.equal(configs['gap']!['e']!.state, 'OVERLAPPED');
  const { hash, state, bit_width, quant_max } = configs['conv2']!['b']!;
  assert.deepEqual({ state, bit_width, quant_max }, { state: 'ACTIVATED', bit_width: 8, quant_max: 255 });
  assert.deepEqual(values[hash], { scale: Math.fround(2 / 255), zero_point: 127 });
  assert.equal(configs['act1']!['b']!.quant_max, 65535);
});

test('sixteen bits and signed types show as what they are', () => {
  const inputs = quantised(one, [{ layer_name: 'conv1', data_type: 'S16', weight_data_type: 'S16', output_data_type: 'S8' }]);
  const { configs, values } = quantAxmodelJson(inputs);
  const numbers = (op: string, tensor: string): readonly unknown[] => {
    const { bit_width, policy, quant_min, quant_max, hash } = configs[op]![tensor]!;
    return [bit_width, policy.SYMMETRICAL ? 'SYMMETRICAL' : 'ASYMMETRICAL', quant_min, quant_max, values[hash]];
  };
  assert.deepEqual(numbers('x:quantize', 'x'), [16, 'SYMMETRICAL', -32768, 32767, { scale: Math.fround(1 / 32767), zero_point: 0 }]);
  assert.deepEqual(numbers('act1', 'b'), [8, 'SYMMETRICAL', -128, 127, { scale: Math.fround(1 / 127), zero_point: 0 }]);
  assert.deepEqual(numbers('conv1', 'w'), [16, 'SYMMETRICAL', -32767, 32767, undefined]);
  assert.deepEqual(numbers('conv1', 'bias'), [48, 'SYMMETRICAL', -(2 ** 47), 2 ** 47 - 1, undefined]);
  assert.deepEqual(numbers('conv2', 'w'), [8, 'SYMMETRICAL', -127, 127, undefined]);
  const full = quantisedGraph(inputs.graph, inputs.network, inputs.resolved);
  assert.deepEqual([full.types['x']!.dtype, full.types['b']!.dtype, full.types['g:codes']!.dtype], ['S16', 'S8', 'U8']);
  const { input_scales, input_zeropoints, output_scales, output_zeropoints, output_dtype } = full.nodes[1]!.attributes;
  assert.deepEqual([input_scales, input_zeropoints, output_scales, output_zeropoints, output_dtype], [[Math.fround(1 / 32767)], [0], [Math.fround(1 / 127)], [0], 'S8']);
});

test('an island of FP32 shows as floats between its members, and as codes at its border', () => {
  const net = toy(`
    input x 1x4x8x8
    weight w 4x4x3x3
    conv: a = Conv(x, w) 1x4x8x8
    sig: b = Sigmoid(a) 1x4x8x8
    mul: c = Mul(b, x) 1x4x8x8
    conv2: d = Conv(c, w) 1x4x8x8
    output d
  `);
  const inputs = quantised(net, [{ op_types: ['Sigmoid', 'Mul'], data_type: 'FP32' }]);
  const made = quantAxmodelJson(inputs);
  assert.equal(statesText(made), lines(`
    x:quantize.x:raw: FP32 32
    x:quantize.x: ACTIVATED 16
    conv.x: ACTIVATED 8
    conv.w: ACTIVATED 8
    conv.a: FP32 32
    sig.a: FP32 32
    sig.b: FP32 32
    mul.b: FP32 32
    mul.x: OVERLAPPED 16 by x:quantize.x
    mul.c: ACTIVATED 8
    conv2.c: OVERLAPPED 8 by mul.c
    conv2.w: ACTIVATED 8
    conv2.d: ACTIVATED 8
    d:dequantize.d:codes: OVERLAPPED 8 by conv2.d
    d:dequantize.d: FP32 32
  `));
  assert.deepEqual([made.dispatchings['mul'], made.dispatchings['conv']], ['FP32', 'AX_NPU_AX650_INT8']);
  const full = quantisedGraph(inputs.graph, inputs.network, inputs.resolved);
  assert.deepEqual([full.types['b']!.dtype, full.nodes[1]!.attributes['output_dtype'], full.nodes[1]!.attributes['output_scales']], ['FP32', 'FP32', undefined]);
});

test('values hold the numbers of every config that rules itself', () => {
  const inputs = quantised(one);
  const { configs, values } = quantAxmodelJson({ ...inputs, weightScales: { conv1: { weight: Float32Array.of(1, 2, 3, 4) } } });
  const ruling = Object.values(configs).flatMap((tensors) => Object.values(tensors)).filter((config) => config.state === 'ACTIVATED' && config.policy.PER_TENSOR);
  for (const { hash } of ruling) assert.equal(typeof values[hash]!.scale, 'number');
  assert.deepEqual(values[configs['conv1']!['w']!.hash], { scale: [1, 2, 3, 4], zero_point: [0, 0, 0, 0] });
  for (const config of Object.values(configs).flatMap((tensors) => Object.values(tensors))) assert.ok(Number.isInteger(config.hash) && config.hash >= 0 && config.hash < 2 ** 32);
});

test('an entry has the fields of the vendor in the vendor’s order', () => {
  const { configs, dispatchings } = quantAxmodelJson(quantised(one));
  const { hash, ...entry } = configs['act1']!['b']!;
  assert.equal(JSON.stringify({ ...entry, dominator: entry.dominator === hash }), JSON.stringify({
    bit_width: 8,
    policy: { PER_TENSOR: true, PER_CHANNEL: false, LINEAR: true, EXPONENTIAL: false, SYMMETRICAL: false, ASYMMETRICAL: true, POWER_OF_2: false },
    state: 'ACTIVATED', quant_min: 0, quant_max: 255, dominator: true,
  }));
  assert.deepEqual(dispatchings, {
    'x:quantize': 'AX_NPU_AX650_INT8', conv1: 'AX_NPU_AX650_INT8', act1: 'AX_NPU_AX650_INT8', pool: 'AX_NPU_AX650_INT8', conv2: 'AX_NPU_AX650_INT8',
    cat: 'AX_NPU_AX650_INT8', odd: 'FP32', gap: 'AX_NPU_AX650_INT8', 'g:dequantize': 'AX_NPU_AX650_INT8',
  });
});

test('hashes follow from names: an operator in front changes none of them', () => {
  const extended = toy(`
    input x0 1x4x8x8
    weight w0 4x4x3x3
    front: x = Conv(x0, w0) 1x4x8x8
    weight w 4x4x3x3
    conv1: a = Conv(x, w) 1x4x8x8
    output a
  `);
  const alone = toy('input x 1x4x8x8\nweight w 4x4x3x3\nconv1: a = Conv(x, w) 1x4x8x8\noutput a');
  const hash = (net: Toy): number => quantAxmodelJson(quantised(net)).configs['conv1']!['a']!.hash;
  assert.equal(hash(extended), hash(alone));
});

test('the front end’s graph has one node a group, and its tensor names are those that sub_configs take', () => {
  const { graph, network, resolved } = quantised(one);
  const dumped = frontendGraph(graph, network);
  assert.equal(dumped.nodes.map((node) => `${node.name}(${node.inputs.join(', ')}) -> ${node.outputs.join(', ')}`).join('\n'), lines(`
    op_0:AxQuantizeLinear(x:raw) -> x
    op_1:AxQuantizedConv(x, w, bias) -> b
    op_2:AxMaxPool(b) -> c
    op_3:AxQuantizedConv(b, w) -> d
    op_4:AxConcat(c, d) -> e
    op_5:onnx.NonZero(e) -> f
    op_6:AxQuantizedGlobAvgPool(e) -> g:codes
    op_7:AxDequantizeLinear(g:codes) -> g
  `));
  assert.deepEqual(dumped.nodes[1]!.attributes, { kernel: [3, 3], operators: ['conv1', 'act1'], functions: ['hard_swish'] });
  for (const node of dumped.nodes.slice(1, 5)) partition(network, { ranges: [{ start: [node.inputs[0]!], end: [node.outputs[0]!], index: 0 }] });
  const full = quantisedGraph(graph, network, resolved);
  assert.deepEqual(full.nodes[1]!.attributes, {
    kernel: [3, 3], input_scales: [Math.fround(2 / 255)], input_zeropoints: [127], output_scales: [Math.fround(2 / 255)], output_zeropoints: [127], output_dtype: 'U8',
    operators: ['conv1', 'act1'], functions: ['hard_swish'],
  });
  assert.equal(full.types['b']!.dtype, 'U8');
  assert.deepEqual(Object.keys(full.weights), ['w', 'bias']);
});

test('a CPU operator that is read as floats and as codes shows where its codes are made', () => {
  const both = toy('input x 1x8\nodd: a = NonZero(x) 1x8\nsoft: b = Softmax(a) 1x8\noutput a b');
  const dumped = frontendGraph(both.graph, both.fuse());
  assert.equal(dumped.nodes.map((node) => `${node.op}(${node.inputs.join(', ')}) -> ${node.outputs.join(', ')}`).join('\n'), lines(`
    AxQuantizeLinear(x:raw) -> x
    NonZero(x) -> a
    AxQuantizeLinear(a) -> a:codes
    AxSoftmax(a:codes) -> b:codes
    AxDequantizeLinear(b:codes) -> b
  `));
});
