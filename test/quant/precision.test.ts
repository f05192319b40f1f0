// layer_configs: who computes in what.
import assert from 'node:assert/strict';
import test from 'node:test';
import { precisionOf, type LayerConfig } from '../../src/quant/precision.ts';
import { faultOf } from './faults.ts';
import { toy } from './toy.ts';

const { graph, fuse } = toy(`
  input x 1x4x8x8
  weight w 4x4x3x3
  conv1: a = Conv(x, w) 1x4x8x8
  act1: b = HardSwish(a) 1x4x8x8
  conv2: c = Conv(b, w) 1x4x8x8
  relu2: d = Relu(c) 1x4x8x8
  conv3: e = Conv(d, w) 1x4x8x8
  add: f = Add(e, b) 1x4x8x8
  pool: g = MaxPool(f) 1x4x4x4
  odd: h = NonZero(g) 1x4x4x4
  output h
`);
const network = fuse();
const precision = (layerConfigs: readonly LayerConfig[]) => precisionOf({ graph, network, layerConfigs, placeOf: (index) => ({ file: 'model.json', line: index + 1 }) });

/** Operators' groups that compute in 16 bits; everything else computes in 8. */
const wide = (...layerConfigs: LayerConfig[]): string => [...precision(layerConfigs).types].filter(([, type]) => type === 'U16').map(([name]) => name).join(' ');

const rows: readonly (readonly [string, string, ...LayerConfig[]])[] = [
  ['nothing asked for', ''],
  ['a named operator', 'conv2', { layer_name: 'conv2', data_type: 'U16' }],
  ['several names', 'conv1 conv3', { layer_names: ['conv3', 'conv1'], data_type: 'U16' }],
  ['the name of an operator that was fused governs its group', 'conv1', { layer_name: 'act1', data_type: 'U16' }],
  ['an operator type', 'conv1 conv2 conv3', { op_type: 'Conv', data_type: 'U16' }],
  ['the type of an operator that was fused', 'conv1 conv2', { op_types: ['HardSwish', 'Relu'], data_type: 'U16' }],
  ['a range takes who reads its start and who writes its end', 'conv2 conv3', { start_tensor_names: ['b'], end_tensor_names: ['e'], data_type: 'U16' }],
  ['a range through a tensor inside of a group', 'conv2 conv3', { start_tensor_names: ['c'], end_tensor_names: ['e'], data_type: 'U16' }],
  ['DEFAULT on both ends is everything', 'conv1 conv2 conv3 add pool', { start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'], data_type: 'U16' }],
  ['DEFAULT on one end is the end of the network', 'conv3 add pool', { start_tensor_names: ['d'], end_tensor_names: ['DEFAULT'], data_type: 'U16' }],
  ['name outranks type', 'conv1 conv3', { layer_name: 'conv2', data_type: 'U8' }, { op_type: 'Conv', data_type: 'U16' }],
  ['type outranks range', 'add pool', { op_type: 'Conv', data_type: 'U8' }, { start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'], data_type: 'U16' }],
  ['a named head outranks a range that holds what was fused behind it', 'conv1 conv3 add pool', { layer_name: 'conv2' }, { start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'], data_type: 'U16' }],
  ['the later of two entries of one class wins', '', { op_type: 'Conv', data_type: 'U16' }, { op_types: ['Conv'], data_type: 'U8' }],
  ['the later of two names wins', 'conv2', { layer_name: 'conv2', data_type: 'U8' }, { layer_names: ['conv2'], data_type: 'U16' }],
  ['of two members of one class the highest wins', 'conv1', { op_type: 'HardSwish', data_type: 'U16' }, { op_type: 'Conv', data_type: 'U8' }],
  ['… whichever of them it is', 'conv1 conv2 conv3', { op_type: 'Conv', data_type: 'U16' }, { op_type: 'HardSwish', data_type: 'U8' }],
];
for (const [name, expected, ...configs] of rows) test(`precision: ${name}`, () => assert.equal(wide(...configs), expected));

const everything = { start_tensor_names: ['DEFAULT'], end_tensor_names: ['DEFAULT'] } as const;

test('of one width a signed type outranks, of two the wider', () => {
  const { types } = precision([{ op_types: ['Conv', 'HardSwish', 'Relu'], data_type: 'U16' }, { op_types: ['HardSwish'], data_type: 'S16' }, { op_type: 'Relu', data_type: 'S8' }, { op_type: 'Add', data_type: 'S8' }]);
  assert.deepEqual([...types], [['x:quantize', 'U8'], ['conv1', 'S16'], ['conv2', 'U16'], ['conv3', 'U16'], ['add', 'S8'], ['pool', 'U8']]);
});

test('weights have a type of their own, which other entries leave alone', () => {
  const { types, weights } = precision([{ layer_name: 'conv2', data_type: 'U16' }, { op_type: 'Conv', weight_data_type: 'S16' }, { layer_name: 'conv3', weight_data_type: 'S8' }]);
  assert.deepEqual([...weights], [['conv1', 'S16'], ['conv2', 'S16'], ['conv3', 'S8']]);
  assert.deepEqual([...types].filter(([, type]) => type !== 'U8'), [['conv2', 'U16']]);
  // Everything in sixteen bits, but for one operator's activations.
  const mixed = precision([{ ...everything, data_type: 'U16', weight_data_type: 'S16' }, { layer_name: 'conv2', data_type: 'U8' }]);
  assert.deepEqual([mixed.types.get('conv2'), mixed.weights.get('conv2'), mixed.types.get('conv1')], ['U8', 'S16', 'U16']);
});

test('highest_mix_precision is sixteen bits for whatever no entry speaks of', () => {
  const { types, weights } = precisionOf({ graph, network, layerConfigs: [{ layer_name: 'conv2' }, { layer_name: 'conv3', weight_data_type: 'S8' }], highestMix: true });
  assert.deepEqual([...types].filter(([, type]) => type !== 'U16'), [['conv2', 'U8']]);
  assert.deepEqual([...weights], [['conv1', 'S16'], ['conv2', 'S16'], ['conv3', 'S8']]);
});

test('what a convolution writes is said on any of its operators', () => {
  const { outputs, types } = precision([{ layer_name: 'relu2', output_data_type: 'U16' }, { layer_name: 'conv3', output_data_type: 'S8' }]);
  assert.deepEqual([...outputs], [['conv2', 'U16'], ['conv3', 'S8']]);
  assert.ok([...types.values()].every((type) => type === 'U8'));
});

test('the Layer Config Table lists what each entry governs in the end', () => {
  const { table } = precision([{ op_type: 'Conv', data_type: 'U16' }, { layer_name: 'conv2', data_type: 'U8' }, { start_tensor_names: ['e'], end_tensor_names: ['f'], data_type: 'U16' }]);
  assert.deepEqual(table, [
    { selector: 'Conv', precision: 'U16', groups: ['conv1', 'conv3'] },
    { selector: 'conv2', precision: 'U8', groups: ['conv2'] },
    { selector: 'e -> f', precision: 'U16', groups: ['add'] },
  ]);
  assert.deepEqual(precision([{ op_type: 'Conv', weight_data_type: 'S16' }, { layer_name: 'conv1', data_type: 'U16', weight_data_type: 'S8', output_data_type: 'U16' }]).table, [
    { selector: 'Conv', weights: 'S16', groups: ['conv2', 'conv3'] },
    { selector: 'conv1', precision: 'U16', weights: 'S8', output: 'U16', groups: ['conv1'] },
  ]);
});

test('what has no effect is said', () => {
  assert.deepEqual(precision([{ op_types: ['MaxPool', 'NonZero'], data_type: 'U16' }]).notes, [
    'layer_configs[0] "MaxPool" has no effect: it moves data, whose type follows from what reads it',
    'layer_configs[0] "NonZero" has no effect: it runs on the CPU, in float',
  ]);
  assert.deepEqual(precision([{ op_types: ['Add', 'Relu'], weight_data_type: 'S16' }]).notes, [
    'layer_configs[0] "Add" has no effect: it has no weights, and only convolutions and matrix products have a weight_data_type and an output_data_type',
  ]);
});

test('an entry that matches nothing is a fault with its place and the nearest name', () => {
  assert.equal(faultOf(() => precision([{ layer_name: 'convv2', data_type: 'U16' }])), [
    'model.json:1  layer_configs[0] names operator "convv2", which the optimised network does not have',
    '   names  are those of frontend/optimized.onnx',
    '   try    conv2',
  ].join('\n'));
  assert.equal(faultOf(() => precision([{ op_type: 'Conf' }])), [
    'model.json:1  layer_configs[0] names operator type "Conf", which the optimised network does not have',
    '   types  Add, Conv, HardSwish, MaxPool, NonZero, Relu',
    '   try    Conv',
  ].join('\n'));
  assert.equal(faultOf(() => precision([{ start_tensor_names: ['f'], end_tensor_names: ['c'] }])), [
    'model.json:1  layer_configs[0] selects nothing: no path leads from "f" to "c"',
    '   try  start_tensor_names above end_tensor_names',
  ].join('\n'));
});

test('all wrong entries are told at once', () => {
  const wrong: LayerConfig[] = [
    { start_tensor_names: ['b'], end_tensor_names: ['zz'] },
    { start_tensor_names: ['w'], end_tensor_names: ['e'] },
    { layer_name: 'conv2', data_type: 'BF16' },
    { layer_name: 'conv2', weight_data_type: 'U8' },
    { layer_name: 'conv2', output_data_type: 'S32' },
    { layer_name: 'conv2', op_types: ['Conv'] },
    { layer_name: '', op_types: [] },
    { start_tensor_names: ['b'] },
  ];
  assert.equal(faultOf(() => precision(wrong)), [
    'model.json:1  layer_configs[0] names tensor "zz", which the optimised network does not have',
    '   names  are those of frontend/optimized.onnx',
    'model.json:2  layer_configs[1] names tensor "w", which is a constant',
    '   try  the tensor that the operator computes',
    'model.json:3  layer_configs[2] asks for data_type BF16, which is not built yet',
    '   known  U8, S8, U16, S16, FP32',
    'model.json:4  layer_configs[3] asks for weight_data_type U8, which is not built yet',
    '   known  S8, S16',
    'model.json:5  layer_configs[4] asks for output_data_type S32, which is not built yet',
    '   known  U8, S8, U16, S16, FP32',
    'model.json:6  layer_configs[5] selects in more than one way',
    '   try  one of layer_name(s), op_type(s), or start_tensor_names with end_tensor_names',
    'model.json:7  layer_configs[6] selects nothing',
    '   try  one of layer_name(s), op_type(s), or start_tensor_names with end_tensor_names',
    'model.json:8  layer_configs[7] has no end_tensor_names',
    '   try  both, or DEFAULT for the ends of the network',
  ].join('\n'));
});

test('FP32 is for the documented operators: of an operator by itself, or of one behind a convolution', () => {
  const { types, tails, table } = precision([{ layer_name: 'relu2', data_type: 'FP32' }, { op_type: 'Add', data_type: 'FP32' }, { op_type: 'Conv', data_type: 'U16' }]);
  assert.deepEqual([...types], [['x:quantize', 'U8'], ['conv1', 'U16'], ['conv2', 'U16'], ['conv3', 'U16'], ['add', 'FP32'], ['pool', 'U8']]);
  assert.deepEqual([...tails], ['conv2']);
  assert.deepEqual(table.map(({ selector, precision: type, groups }) => `${selector} ${type}: ${groups.join(' ')}`), ['relu2 FP32: conv2', 'Add FP32: add', 'Conv U16: conv1 conv2 conv3']);
  assert.deepEqual([...precision([{ layer_name: 'conv3', output_data_type: 'FP32' }]).tails], ['conv3']);
});

test('FP32 of any other operator is a fault, not silence', () => {
  assert.equal(faultOf(() => precision([{ layer_name: 'conv1', data_type: 'FP32' }])), [
    'model.json:1  layer_configs[0] asks for FP32 of "conv1", but Conv has no form in FP32',
    '   legal  Add, Concat, Div, LeakyRelu, Mul, Relu, Sigmoid, Softmax, Sub',
    '   try    output_data_type FP32, or data_type U16',
  ].join('\n'));
  assert.equal(faultOf(() => precision([{ ...everything, data_type: 'FP32' }])), [
    'model.json:1  layer_configs[0] asks for FP32 of "conv1", but Conv has no form in FP32',
    '   legal  Add, Concat, Div, LeakyRelu, Mul, Relu, Sigmoid, Softmax, Sub',
    '   try    output_data_type FP32, or data_type U16',
  ].join('\n'));
  const odd = toy(`
    input x 1x4x8x8
    gap: a = GlobalAveragePool(x) 1x4x1x1
    relu: b = Relu(a) 1x4x1x1
    erf: c = Erf(b) 1x4x1x1
    add: d = Add(c, b) 1x4x1x1
    erf2: e = Erf(d) 1x4x1x1
    output e
  `);
  const refused = (layer: LayerConfig): string => faultOf(() => precisionOf({ graph: odd.graph, network: odd.fuse(), layerConfigs: [layer] }));
  assert.equal(refused({ layer_name: 'relu', data_type: 'FP32' }), [
    'layer_configs[0] asks for FP32 of "relu", which is computed at the end of GlobalAveragePool "gap", and that has no form in FP32',
    '   try  data_type U16 of "gap"',
  ].join('\n'));
  assert.equal(refused({ layer_name: 'add', data_type: 'FP32' }), [
    'layer_configs[0] asks for FP32 of "add", with which erf is computed, and that has no form in FP32',
    '   known  affine, relu, clip, leaky_relu, sigmoid, silu, hard_sigmoid, hard_swish, reciprocal',
    '   try    data_type U16',
  ].join('\n'));
});
