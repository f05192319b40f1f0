// Types, scales and zeros of the whole network, and the records that a group is compiled from.
import assert from 'node:assert/strict';
import test from 'node:test';
import { textOf } from '../../src/base/bytes.ts';
import { digestOf } from '../../src/base/digest.ts';
import type { GroupStructure, GroupValues } from '../../src/ops/group.ts';
import type { LayerConfig } from '../../src/quant/precision.ts';
import type { InputScaling } from '../../src/quant/inputs.ts';
import { resolve } from '../../src/quant/resolve.ts';
import { faultOf } from './faults.ts';
import { fusesChain, sketchFor, toy, type Toy } from './toy.ts';

interface Asked {
  readonly layerConfigs?: readonly LayerConfig[];
  readonly ranges?: Readonly<Record<string, readonly [number, number]>>;
  readonly inputs?: readonly InputScaling[];
  readonly unsupported?: readonly string[];
}

function resolved(one: Toy, { layerConfigs = [], ranges = {}, inputs = [], unsupported = [] }: Asked = {}) {
  const { graph, keep, blobs } = one;
  const fused = one.fuse({ unsupported });
  const { network, report } = resolve({ graph, network: fused, sketch: sketchFor(graph, ranges), method: 'MinMax', layerConfigs, inputs, fusesChain, keep });
  const group = (name: string) => network.groups.find((each) => each.name === name)!;
  return {
    network, report, group,
    edge: (name: string) => network.edges.find((each) => each.name === name)!,
    types: () => network.edges.map(({ name, dtype }) => `${name} ${dtype}`).join(', '),
    structure: (name: string) => JSON.parse(textOf(blobs(group(name).structure))) as GroupStructure,
    values: (name: string) => JSON.parse(textOf(blobs(group(name).values))) as GroupValues,
  };
}

const chain = toy(`
  input x 1x4x8x8
  weight w 4x4x3x3
  weight bias 4
  conv1: a = Conv(x, w, bias) 1x4x8x8
  act1: b = HardSwish(a) 1x4x8x8
  conv2: c = Conv(b, w) 1x4x8x8
  add: d = Add(c, b) 1x4x8x8
  relu: e = Relu(d) 1x4x8x8
  output e
`);

test('scale and zero follow from the range, which is widened to hold 0', () => {
  const { edge } = resolved(chain, { ranges: { x: [-1, 3], b: [0.5, 2], c: [-3, -1], e: [0, 0] } });
  assert.deepEqual(edge('x').quant, { scale: Math.fround(4 / 255), zero: 64 });
  assert.deepEqual(edge('b').quant, { scale: Math.fround(2 / 255), zero: 0 });
  assert.deepEqual(edge('c').quant, { scale: Math.fround(3 / 255), zero: 255 });
  assert.deepEqual(edge('e:codes').quant, { scale: Math.fround(1e-8), zero: 0 });
  assert.deepEqual([edge('x:raw'), edge('e')], [{ name: 'x:raw', dtype: 'FP32', quant: null }, { name: 'e', dtype: 'FP32', quant: null }]);
});

test('a group record has no names: shapes, types and options on one side, numbers on the other', () => {
  const { structure, values, group, edge } = resolved(chain);
  assert.deepEqual(structure('conv1'), {
    kind: 'conv',
    attributes: { kernel: [3, 3] },
    inputs: [{ shape: [1, 4, 8, 8], dtype: 'U8', layout: 'nhwc' }],
    entries: ['U8'],
    output: { shape: [1, 4, 8, 8], dtype: 'U8', layout: 'nhwc' },
    constants: { weight: { shape: [4, 4, 3, 3], dtype: 'S8' } },
    epilogue: 'table',
  });
  const bias = chain.graph.weights['bias']!.digest;
  assert.deepEqual(values('conv1'), { inputs: [edge('x').quant], entries: [edge('x').quant], output: edge('b').quant, chain: [{ fn: 'hard_swish', args: [] }], floats: { bias }, lists: {} });
  assert.deepEqual(group('conv1').weights, [{ role: 'weight', float: chain.graph.weights['w']!.digest, shape: [4, 4, 3, 3], axis: 0, dtype: 'S8' }]);
  assert.deepEqual(group('conv1').floats, [bias]);
  assert.equal(group('conv2').structure, digestOf(chain.blobs(group('conv2').structure)));
});

test('the epilogue is a table behind a function that is no clamp, a clamp behind one that is, none where codes are copied', () => {
  const { structure } = resolved(toy(`
    input x 1x4x8x8
    weight w 4x4x3x3
    plain: a = Conv(x, w) 1x4x8x8
    clamped: b0 = Conv(a, w) 1x4x8x8
    relu: b = Relu(b0) 1x4x8x8
    pool: c = MaxPool(b) 1x4x4x4
    soft: d = Sigmoid(c) 1x4x4x4
    output d
  `));
  const epilogues = ['x:quantize', 'plain', 'clamped', 'pool', 'soft', 'd:dequantize'].map((name) => structure(name).epilogue);
  assert.deepEqual(epilogues, ['none', 'clamp', 'clamp', 'none', 'table', 'none']);
});

test('sixteen bits apply to what an operator reads; who wants less requantises on entry', () => {
  const { types, structure, values, edge } = resolved(chain, { layerConfigs: [{ layer_name: 'add', data_type: 'U16' }] });
  // b is read by conv2 in 8 bits and by add in 16; the output takes its producer's type.
  assert.equal(types(), 'x:raw FP32, x U8, b U16, c U16, e:codes U16, e FP32');
  assert.deepEqual(structure('conv2').inputs[0]!.dtype, 'U16');
  assert.deepEqual(structure('conv2').entries, ['U8']);
  assert.deepEqual(values('conv2').inputs, [{ scale: Math.fround(2 / 65535), zero: 32768 }]);
  assert.deepEqual(values('conv2').entries, [{ scale: Math.fround(2 / 255), zero: 127 }]);
  assert.deepEqual(structure('conv1').entries, ['U8']);
  assert.deepEqual(structure('add').entries, ['U16', 'U16']);
  assert.deepEqual(values('add').entries, [edge('b').quant, edge('c').quant].reverse());
});

test('an operator in sixteen bits before one in eight gives eight', () => {
  assert.equal(resolved(chain, { layerConfigs: [{ layer_name: 'conv1', data_type: 'U16' }] }).types(), 'x:raw FP32, x U16, b U8, c U8, e:codes U8, e FP32');
});

test('weights in sixteen bits change the weight and its request, and nothing else', () => {
  const [before, after] = [resolved(chain), resolved(chain, { layerConfigs: [{ layer_name: 'conv2', weight_data_type: 'S16' }] })];
  assert.deepEqual(after.structure('conv2'), { ...before.structure('conv2'), constants: { weight: { shape: [4, 4, 3, 3], dtype: 'S16' } } });
  assert.deepEqual(after.group('conv2').weights, [{ role: 'weight', float: chain.graph.weights['w']!.digest, shape: [4, 4, 3, 3], axis: 0, dtype: 'S16' }]);
  assert.deepEqual(after.network.edges, before.network.edges);
  const changed = after.network.groups.filter(({ name, structure, values }) => structure !== before.group(name).structure || values !== before.group(name).values);
  assert.deepEqual(changed.map(({ name }) => name), ['conv2']);
  assert.equal(after.group('conv2').values, before.group('conv2').values);
});

test('a signed type has a symmetric range, its zero in the middle of its storage', () => {
  const { types, edge, values, structure, report } = resolved(chain, { ranges: { x: [-1, 3], b: [0.5, 2] }, layerConfigs: [{ layer_name: 'conv1', data_type: 'S8' }, { layer_name: 'add', data_type: 'S16' }] });
  assert.equal(types(), 'x:raw FP32, x U8, b U16, c U16, e:codes U16, e FP32');
  assert.deepEqual(edge('x'), { name: 'x', dtype: 'U8', quant: { scale: Math.fround(3 / 127), zero: 128 }, signed: true });
  assert.deepEqual(edge('b'), { name: 'b', dtype: 'U16', quant: { scale: Math.fround(2 / 32767), zero: 32768 }, signed: true });
  assert.deepEqual(report.classes.map(({ edges, type }) => `${edges.join()} ${type}`), ['x S8', 'b S16', 'c S16', 'e:codes S16']);
  // A reader of fewer bits takes them unsigned, as it was told.
  assert.deepEqual([structure('conv2').entries, values('conv2').entries], [['U8'], [{ scale: Math.fround(2 / 255), zero: 0 }]]);
  assert.deepEqual(values('conv1').entries, [edge('x').quant]);
});

test('at equal bits a reader takes the edge as it is', () => {
  const { values, edge } = resolved(chain, { layerConfigs: [{ layer_name: 'add', data_type: 'S8' }] });
  assert.deepEqual([edge('b').signed, values('conv2').entries], [true, [edge('b').quant]]);
});

test('what a convolution was told to write outranks its readers', () => {
  // act1 is fused behind conv1; b is read by conv2 and add.
  const wide = resolved(chain, { layerConfigs: [{ layer_name: 'conv1', output_data_type: 'U16' }] });
  assert.equal(wide.types(), 'x:raw FP32, x U8, b U16, c U8, e:codes U8, e FP32');
  assert.deepEqual([wide.structure('conv2').entries, wide.structure('add').entries], [['U8'], ['U8', 'U8']]);
  const narrow = resolved(chain, { layerConfigs: [{ layer_name: 'conv1', output_data_type: 'U8' }, { layer_names: ['conv2', 'add'], data_type: 'U16' }] });
  assert.equal(narrow.types(), 'x:raw FP32, x U8, b U8, c U16, e:codes U16, e FP32');
  assert.deepEqual([narrow.structure('conv2').entries, narrow.structure('add').entries], [['U8'], ['U16', 'U8']]);
});

const island = toy(`
  input x 1x4x8x8
  weight w 4x4x3x3
  conv1: a = Conv(x, w) 1x4x8x8
  sig: b = Sigmoid(a) 1x4x8x8
  conv2: c = Conv(x, w) 1x4x8x8
  mul: d = Mul(b, c) 1x4x8x8
  add: e = Add(d, c) 1x4x8x8
  conv3: f = Conv(e, w) 1x4x8x8
  output f
`);

test('between members of an island edges carry FP32; at its border they carry codes of sixteen bits', () => {
  const { types, structure, values, edge, report } = resolved(island, { layerConfigs: [{ op_types: ['Sigmoid', 'Mul'], data_type: 'FP32' }] });
  // b: from the end of conv1 to mul; c: from conv2, to mul and to add; d: from mul to add in codes; add reads U8.
  assert.equal(types(), 'x:raw FP32, x U8, b FP32, c U16, d U8, e U8, f:codes U8, f FP32');
  assert.deepEqual([structure('conv1').entries, structure('conv1').epilogue, structure('conv1').attributes], [['U8'], 'float', { kernel: [3, 3], functions: 'sigmoid' }]);
  assert.deepEqual([structure('mul').entries, structure('mul').epilogue, structure('mul').output.dtype], [['FP32', 'FP32'], 'float', 'U8']);
  assert.deepEqual([values('mul').inputs, values('mul').entries, values('mul').output], [[null, edge('c').quant], [null, null], edge('d').quant]);
  assert.deepEqual([edge('b'), report.types['conv1'], report.types['mul']], [{ name: 'b', dtype: 'FP32', quant: null }, 'U8', 'FP32']);
  assert.deepEqual(structure('add').entries, ['U8', 'U8']);
});

test('a reader in codes quantises what an island hands it, and an island reaches to the output of the network', () => {
  const both = resolved(island, { layerConfigs: [{ op_types: ['Mul', 'Add'], data_type: 'FP32' }, { layer_names: ['conv1', 'conv3'], output_data_type: 'FP32' }] });
  assert.equal(both.types(), 'x:raw FP32, x U8, b FP32, c U16, d FP32, e U8, f:codes FP32, f FP32');
  assert.deepEqual([both.structure('f:dequantize').entries, both.structure('f:dequantize').inputs[0]!.dtype, both.values('f:dequantize').inputs], [['FP32'], 'FP32', [null]]);
  const read = resolved(island, { layerConfigs: [{ layer_name: 'conv2', output_data_type: 'FP32' }] });
  assert.equal(read.types(), 'x:raw FP32, x U8, b U8, c FP32, d U8, e U8, f:codes U8, f FP32');
  assert.deepEqual([read.structure('mul').entries, read.values('mul').entries], [['U8', 'U8'], [read.edge('b').quant, { scale: Math.fround(2 / 255), zero: 127 }]]);
});

test('a copy hands FP32 on; a pool, the CPU and the network\'s input do not', () => {
  const net = toy(`
    input x 1x4x8x8
    sum: a = Add(x, x) 1x4x8x8
    cat: b = Concat(a, a) 1x8x8x8
    soft: c = Softmax(b) 1x8x8x8
    sum2: d = Add(c, c) 1x8x8x8
    pool: e = MaxPool(d) 1x8x4x4
    sum3: f = Add(e, e) 1x8x4x4
    odd: g = NonZero(f) 1x8x4x4
    sum4: h = Add(g, g) 1x8x4x4
    output h
  `);
  const { types, structure, edge } = resolved(net, { layerConfigs: [{ op_types: ['Add', 'Concat', 'Softmax'], data_type: 'FP32' }] });
  assert.equal(types(), 'x:raw FP32, x U16, a FP32, b FP32, c FP32, d U16, e U16, f U16, g U16, h:codes FP32, h FP32');
  assert.deepEqual([structure('cat').entries, structure('cat').epilogue, structure('soft').epilogue, structure('soft').attributes['functions']], [['FP32', 'FP32'], 'none', 'float', '']);
  // What computes codes of an FP32 softmax gives them any range.
  const signed = resolved(net, { layerConfigs: [{ op_types: ['Softmax'], data_type: 'FP32' }, { layer_name: 'sum2', data_type: 'S16' }] });
  assert.deepEqual([signed.edge('c').signed, signed.edge('c').quant!.zero, edge('c').quant], [true, 32768, null]);
});

const aligned = toy(`
  input x 1x4x8x8
  weight w 4x4x3x3
  conv1: a = Conv(x, w) 1x4x8x8
  conv2: b = Conv(x, w) 1x4x8x8
  pool: c = MaxPool(b) 1x4x8x8
  cat: d = Concat(a, c) 1x8x8x8
  shape: e = Reshape(d) 1x512
  soft: y = Softmax(e) 1x512
  tail: z = Conv(a, w) 1x4x8x8
  output y z
`);

test('all edges of groups that copy codes share the union of their ranges, and one type', () => {
  const { report, edge, types } = resolved(aligned, { ranges: { a: [-1, 2], b: [-5, 0], c: [-4, 0], d: [-4, 2], e: [-4, 2] } });
  assert.deepEqual(report.classes, [
    { edges: ['x'], type: 'U8', range: [-1, 1] },
    { edges: ['a', 'b', 'c', 'd', 'e'], type: 'U8', range: [-5, 2] },
    { edges: ['y:codes'], type: 'U8', range: [0, 1] },
    { edges: ['z:codes'], type: 'U8', range: [-1, 1] },
  ]);
  for (const name of ['b', 'c', 'd', 'e']) assert.deepEqual(edge(name).quant, edge('a').quant);
  assert.equal(types(), 'x:raw FP32, x U8, a U8, b U8, c U8, d U8, e U8, y:codes U8, y FP32, z:codes U8, z FP32');
});

test('what only copies takes its type from downstream, and hands it up through its whole class', () => {
  const { types, structure, values } = resolved(aligned, { layerConfigs: [{ layer_name: 'soft', data_type: 'U16' }] });
  assert.equal(types(), 'x:raw FP32, x U8, a U16, b U16, c U16, d U16, e U16, y:codes U16, y FP32, z:codes U8, z FP32');
  assert.deepEqual(structure('cat').entries, ['U16', 'U16']);
  assert.deepEqual(values('cat').entries, values('cat').inputs);
  assert.deepEqual(structure('tail').entries, ['U8']);
  // Asking the copying operators themselves changes nothing.
  assert.equal(resolved(aligned, { layerConfigs: [{ op_types: ['Concat', 'MaxPool', 'Reshape'], data_type: 'U16' }] }).types(), resolved(aligned).types());
});

test('a softmax writes unsigned codes, whoever reads them', () => {
  const { types, edge } = resolved(aligned, { layerConfigs: [{ layer_name: 'soft', data_type: 'S16' }] });
  assert.equal(types(), 'x:raw FP32, x U8, a U16, b U16, c U16, d U16, e U16, y:codes U16, y FP32, z:codes U8, z FP32');
  assert.deepEqual([edge('e').signed, edge('y:codes').signed, edge('y:codes').quant], [true, undefined, { scale: Math.fround(1 / 65535), zero: 0 }]);
});

test('a change of precision moves no range', () => {
  const ranges = { a: [-1, 2], b: [-5, 0], z: [0, 9] } as const;
  const before = resolved(aligned, { ranges }).report.classes.map(({ edges, range }) => ({ edges, range }));
  for (const name of ['conv1', 'conv2', 'soft', 'tail']) {
    const after = resolved(aligned, { ranges, layerConfigs: [{ layer_name: name, data_type: 'U16' }] }).report.classes.map(({ edges, range }) => ({ edges, range }));
    assert.deepEqual(after, before);
  }
});

test('a change of scales changes values and no structure; only groups that touch the edge change', () => {
  const [before, after] = [resolved(chain), resolved(chain, { ranges: { c: [-7, 1] } })];
  assert.deepEqual(after.network.groups.map((group) => group.structure), before.network.groups.map((group) => group.structure));
  const changed = after.network.groups.filter((group, i) => group.values !== before.network.groups[i]!.values).map((group) => group.name);
  assert.deepEqual(changed, ['conv2', 'add']);
});

test('an interior change of precision changes the records of its neighbours only', () => {
  const [before, after] = [resolved(chain), resolved(chain, { layerConfigs: [{ layer_name: 'conv2', data_type: 'U16' }] })];
  const changed = after.network.groups.filter((group, i) => group.structure !== before.network.groups[i]!.structure).map((group) => group.name);
  // conv1 writes 16 bits, conv2 computes in them, add requantises.
  assert.deepEqual(changed, ['conv1', 'conv2', 'add']);
});

test('two groups that compute the same have the same structure, whatever they are called', () => {
  const { group } = resolved(aligned);
  assert.equal(group('conv1').structure, group('conv2').structure);
});

test('functions whose range is known have it, whatever calibration saw', () => {
  const one = toy(`
    input x 1x4x8x8
    weight w 4x4x3x3
    conv: a = Conv(x, w) 1x4x8x8
    gate: b = HardSigmoid(a) 1x4x8x8
    mul: c = Mul(x, b) 1x4x8x8
    cat: d = Concat(b, c) 1x8x8x8
    output d
  `);
  const { report } = resolved(one, { ranges: { b: [0.4, 0.6], c: [-0.5, 0.5], d: [-0.5, 0.6] } });
  assert.deepEqual(report.classes.map(({ edges, range }) => `${edges.join(' ')} ${range.join('..')}`), ['x -1..1', 'b c d:codes -0.5..1']);
});

test('mean and std are values of the quantize group; whether there are any is structure', () => {
  const one = toy('input x 1x3x8x8\nweight w 4x3x3x3\nconv: y = Conv(x, w) 1x4x8x8\noutput y');
  const none = resolved(one, { inputs: [{ tensor: 'x', mean: [0, 0, 0], std: [1, 1, 1] }] });
  const some = resolved(one, { inputs: [{ tensor: 'DEFAULT', mean: [103.94, 0, 1], std: [] }] });
  const other = resolved(one, { inputs: [{ tensor: 'x', mean: [1, 2, 3], std: [4, 4, 4] }] });
  assert.deepEqual(none.values('x:quantize').lists, {});
  assert.deepEqual(some.values('x:quantize').lists, { mean: [Math.fround(103.94), 0, 1], std: [1, 1, 1] });
  assert.deepEqual([none, some].map((each) => each.structure('x:quantize').attributes), [{}, { normalize: 1 }]);
  assert.equal(some.group('x:quantize').structure, other.group('x:quantize').structure);
  assert.equal(faultOf(() => resolved(one, { inputs: [{ tensor: 'x', mean: [1, 2], std: [] }] })), [
    'input_processors, "x": mean has 2 numbers, the input 3 channels',
    '   try  one number a channel, in the order of the channels',
  ].join('\n'));
});

test('raw inputs with channels last keep their logical shape and say so in the layout', () => {
  const one = toy('input x 1x3x8x8\nweight w 4x3x3x3\nconv: y = Conv(x, w) 1x4x8x8\noutput y');
  const network = one.fuse({ inputs: [{ tensor: 'x', dtype: 'U8', layout: 'NHWC' }] });
  const result = resolve({ graph: one.graph, network, sketch: sketchFor(one.graph), method: 'MinMax', layerConfigs: [], inputs: [], fusesChain, keep: one.keep });
  const structure = JSON.parse(textOf(one.blobs(result.network.groups[0]!.structure))) as GroupStructure;
  assert.deepEqual(structure.inputs, [{ shape: [1, 3, 8, 8], dtype: 'U8', layout: 'nhwc' }]);
  assert.deepEqual(structure.entries, ['U8']);
});

test('beside a CPU group edges carry codes in the type of what computes them', () => {
  const { types, report } = resolved(chain, { unsupported: ['HardSwish'], layerConfigs: [{ layer_name: 'conv1', data_type: 'U16' }] });
  assert.equal(types(), 'x:raw FP32, x U16, a U16, b U8, c U8, e:codes U8, e FP32');
  assert.deepEqual(Object.keys(report.types), ['x:quantize', 'conv1', 'conv2', 'add', 'e:dequantize']);
});

test('a softmax that would have to share another range is refused', () => {
  const one = toy('input x 1x8\nsoft: a = Softmax(x) 1x8\ncat: y = Concat(a, x) 1x16\noutput y');
  assert.equal(faultOf(() => resolved(one, { ranges: { x: [-2, 5], y: [-2, 5] } })), [
    '"soft" gives codes of [0, 1] and no other, but shares them with tensors of [-2, 5]',
    '   shared by  x, a, y:codes',
    '   try        join these tensors outside of the model: requantising between them is not built yet',
  ].join('\n'));
});

test('a tensor that calibration never saw is named', () => {
  const { graph, keep, fuse } = chain;
  assert.equal(faultOf(() => resolve({ graph, network: fuse(), sketch: new Map(), method: 'MinMax', layerConfigs: [], inputs: [], fusesChain, keep })), 'calibration saw no values of tensor "x"');
});

test('an unknown calibration method names the known ones', () => {
  const { graph, keep, fuse } = chain;
  assert.equal(faultOf(() => resolve({ graph, network: fuse(), sketch: sketchFor(graph), method: 'MinMx', layerConfigs: [], inputs: [], fusesChain, keep })), [
    'calibration method "MinMx" is not built',
    '   known  MinMax',
    '   try    MinMax',
  ].join('\n'));
});
