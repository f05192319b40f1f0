// Which group each operator starts, and every sentence with which one declines.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Attribute } from '../../src/graph/graph.ts';
import { bytesOfNumbers, numbersOf } from '../../src/graph/numbers.ts';
import { limitsTable, opOf } from '../../src/ops/index.ts';
import type { Draft } from '../../src/ops/op.ts';
import { viewsOf } from '../../src/ops/view.ts';
import { runFloat } from '../../src/passes/run-float.ts';
import type { Feed } from './cases.ts';
import { Net } from './net.ts';

const whole = (...constant: number[]): Feed => ({ constant, dtype: 'S64' });
const random = (...shape: number[]): Feed => ({ constant: [], shape });
const x = (...shape: number[]): Feed => ({ shape });
const four = x(1, 4, 8, 6);

interface Asked {
  readonly op: string;
  readonly feeds: readonly Feed[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs?: number;
}

function ask({ op, feeds, attributes = {}, outputs = 1 }: Asked): Draft | { readonly limit: string } {
  const net = new Net();
  const inputs = feeds.map((feed, i) => {
    if (feed === '') return '';
    if (!('constant' in feed)) return net.input(`x${i}`, feed.shape, feed.dtype);
    return net.weight(`c${i}`, feed.shape ?? [feed.constant.length], feed.constant.length === 0 ? undefined : feed.constant, feed.dtype);
  });
  net.nodeWith('node', op, { inputs, outputs: Array.from({ length: outputs }, (_, i) => `y${i}`), attributes });
  const graph = net.graph('y0');
  return opOf(op)!.draft!(viewsOf(graph, net.blobs)(graph.nodes[0]!));
}

const drafts: readonly (readonly [string, Asked, Draft])[] = [
  [
    'a Conv with its padding worked out',
    { op: 'Conv', feeds: [four, random(6, 4, 3, 3), random(6)], attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] } },
    {
      kind: 'conv', attributes: { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 1, 1], group: 1 },
      activations: [0], weights: { weight: { input: 1, axis: 0 } }, floats: { bias: 2 },
    },
  ],
  [
    'a Conv whose odd padding comes first',
    { op: 'Conv', feeds: [four, random(6, 4, 2, 4)], attributes: { auto_pad: 'SAME_LOWER' } },
    {
      kind: 'conv', attributes: { kernel: [2, 4], strides: [1, 1], dilations: [1, 1], pads: [1, 2, 0, 1], group: 1 },
      activations: [0], weights: { weight: { input: 1, axis: 0 } }, floats: {},
    },
  ],
  [
    'a depthwise Conv without bias',
    { op: 'Conv', feeds: [four, random(4, 1, 3, 3)], attributes: { group: 4, pads: [1, 1, 1, 1] } },
    {
      kind: 'conv', attributes: { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], group: 4 },
      activations: [0], weights: { weight: { input: 1, axis: 0 } }, floats: {},
    },
  ],
  [
    'a ConvTranspose, whose weights lie the other way round',
    { op: 'ConvTranspose', feeds: [four, random(4, 3, 2, 2), random(3)], attributes: { strides: [2, 2] } },
    {
      kind: 'conv_transpose', attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], output_padding: [0, 0] },
      activations: [0], weights: { weight: { input: 1, axis: 1, transpose: [1, 0, 2, 3] } }, floats: { bias: 2 },
    },
  ],
  [
    'a Gemm as a 1x1 convolution over rows',
    { op: 'Gemm', feeds: [x(3, 4), random(4, 5), random(5)] },
    {
      kind: 'conv', attributes: { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 },
      activations: [0], weights: { weight: { input: 1, axis: 1, transpose: [1, 0], shape: [5, 4, 1, 1] } }, floats: { bias: 2 },
    },
  ],
  [
    'a Gemm with its right side transposed already',
    { op: 'Gemm', feeds: [x(3, 4), random(5, 4)], attributes: { transB: 1 } },
    {
      kind: 'conv', attributes: { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 },
      activations: [0], weights: { weight: { input: 1, axis: 0, shape: [5, 4, 1, 1] } }, floats: {},
    },
  ],
  [
    'a MatMul of three axes, which a row of constants may join',
    { op: 'MatMul', feeds: [x(2, 3, 4), random(4, 5)] },
    {
      kind: 'conv', attributes: { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 },
      activations: [0], weights: { weight: { input: 1, axis: 1, transpose: [1, 0], shape: [5, 4, 1, 1] } }, floats: {}, takesBias: true,
    },
  ],
  ['a MatMul of two activations', { op: 'MatMul', feeds: [x(2, 3, 4), x(2, 4, 5)] }, { kind: 'matmul', attributes: {}, activations: [0, 1] }],
  ['a MatMul by a stack of constants', { op: 'MatMul', feeds: [x(2, 3, 4), random(2, 4, 5)] }, { kind: 'matmul', attributes: {}, activations: [0, 1] }],
  [
    'a LayerNormalization',
    { op: 'LayerNormalization', feeds: [x(2, 3, 4), random(4), random(4)], attributes: { axis: 2 } },
    { kind: 'layer_norm', attributes: { epsilon: Math.fround(1e-5) }, activations: [0], floats: { scale: 1, bias: 2 } },
  ],
  ['a LayerNormalization without a shift', { op: 'LayerNormalization', feeds: [x(3, 4), random(4)] }, { kind: 'layer_norm', attributes: { epsilon: Math.fround(1e-5) }, activations: [0], floats: { scale: 1 } }],
  ['an Add of a constant tensor', { op: 'Add', feeds: [four, random(1, 4, 8, 6)] }, { kind: 'eltwise', attributes: { op: 'add' }, activations: [0, 1] }],
  ['an Add that broadcasts', { op: 'Add', feeds: [four, x(1, 4, 1, 1)] }, { kind: 'eltwise', attributes: { op: 'add' }, activations: [0, 1] }],
  ['a Sum of two', { op: 'Sum', feeds: [four, four] }, { kind: 'eltwise', attributes: { op: 'add' }, activations: [0, 1] }],
  ['a Mul by a number on its left', { op: 'Mul', feeds: [{ constant: [2] }, four] }, { kind: 'unary', attributes: {}, activations: [1] }],
  ['a Sigmoid, whose range is known', { op: 'Sigmoid', feeds: [four] }, { kind: 'unary', attributes: {}, activations: [0], range: [0, 1] }],
  [
    'a MaxPool',
    { op: 'MaxPool', feeds: [four], attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 } },
    { kind: 'max_pool', attributes: { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0] }, activations: [0], shares: true },
  ],
  [
    'an AveragePool that counts its padding',
    { op: 'AveragePool', feeds: [four], attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 } },
    { kind: 'avg_pool', attributes: { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }, activations: [0] },
  ],
  ['a GlobalAveragePool', { op: 'GlobalAveragePool', feeds: [four] }, { kind: 'mean', attributes: {}, activations: [0] }],
  [
    'a GlobalMaxPool as one window',
    { op: 'GlobalMaxPool', feeds: [four] },
    { kind: 'max_pool', attributes: { kernel: [8, 6], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] }, activations: [0], shares: true },
  ],
  ['a ReduceMean over the plane', { op: 'ReduceMean', feeds: [four, whole(-1, 2)] }, { kind: 'mean', attributes: {}, activations: [0] }],
  ['a Concat, its axis counted from the front', { op: 'Concat', feeds: [four, x(1, 2, 8, 6)], attributes: { axis: -3 } }, { kind: 'concat', attributes: { axis: 1 }, activations: [0, 1], shares: true }],
  [
    'a Resize',
    { op: 'Resize', feeds: [four, '', '', whole(1, 4, 16, 18)], attributes: { coordinate_transformation_mode: 'half_pixel' } },
    { kind: 'resize', attributes: { scales: [2, 3] }, activations: [0], shares: true },
  ],
  ['a Softmax', { op: 'Softmax', feeds: [x(2, 5)] }, { kind: 'softmax', attributes: { axis: 1 }, activations: [0], range: [0, 1] }],
  ['a Reshape', { op: 'Reshape', feeds: [four, whole(1, -1)] }, { kind: 'move', attributes: { mode: 'reshape' }, activations: [0], shares: true }],
  ['a Transpose', { op: 'Transpose', feeds: [x(2, 3, 4)] }, { kind: 'move', attributes: { mode: 'transpose', perm: [2, 1, 0] }, activations: [0], shares: true }],
  [
    'a Slice, for all axes',
    { op: 'Slice', feeds: [four, whole(-1, 1), whole(-99, 3), whole(3, 1), whole(-2, 1)] },
    { kind: 'move', attributes: { mode: 'slice', starts: [0, 1, 0, 5], steps: [1, 1, 1, -2] }, activations: [0], shares: true },
  ],
];

for (const [name, asked, draft] of drafts) test(`draft of ${name}`, () => assert.deepEqual(ask(asked), draft));

const seven = x(1, 1, 1, 1, 1, 1, 2);
const resize = (scales: readonly number[], attributes: Readonly<Record<string, Attribute>> = {}, feed = four): Asked => ({ op: 'Resize', feeds: [feed, '', { constant: scales }], attributes });

const misses: readonly Asked[] = [
  { op: 'Conv', feeds: [x(1, 4, 9), random(6, 4, 3)] },
  { op: 'Conv', feeds: [four, x(6, 4, 3, 3)] },
  { op: 'Conv', feeds: [four, random(6, 4, 3, 3), x(6)] },
  { op: 'ConvTranspose', feeds: [x(1, 4, 9), random(4, 3, 3)] },
  { op: 'ConvTranspose', feeds: [four, random(4, 3, 3, 3)], attributes: { group: 2 } },
  { op: 'ConvTranspose', feeds: [four, random(4, 3, 3, 3)], attributes: { dilations: [2, 1] } },
  { op: 'ConvTranspose', feeds: [four, x(4, 3, 3, 3)] },
  { op: 'ConvTranspose', feeds: [four, random(4, 3, 3, 3), x(3)] },
  { op: 'Gemm', feeds: [x(3, 4), x(4, 5)] },
  { op: 'Gemm', feeds: [x(4, 3), random(4, 5)], attributes: { transA: 1 } },
  { op: 'Gemm', feeds: [x(3, 4), random(4, 5)], attributes: { alpha: 0.5 } },
  { op: 'Gemm', feeds: [x(3, 4), random(4, 5), random(5)], attributes: { beta: 0.5 } },
  { op: 'Gemm', feeds: [x(5, 4), random(4, 5), random(5, 1)] },
  { op: 'MatMul', feeds: [x(1, 2, 3, 4), random(4, 5)] },
  { op: 'MatMul', feeds: [x(2, 3, 4), x(4, 5)] },
  ...['Add', 'Sub', 'Mul'].flatMap((op) => [{ op, feeds: [four, x(4, 1, 1)] }]),
  ...['Div', 'Pow', 'Max', 'Min'].map((op) => ({ op, feeds: [four, four] })),
  { op: 'Sum', feeds: [four, four, four] },
  { op: 'Sum', feeds: [four, x(4, 1, 1)] },
  { op: 'PRelu', feeds: [four, random(4, 1, 1)] },
  { op: 'Clip', feeds: [four, x()] },
  { op: 'MaxPool', feeds: [x(1, 4, 9)], attributes: { kernel_shape: [2] } },
  { op: 'MaxPool', feeds: [four], attributes: { kernel_shape: [2, 2] }, outputs: 2 },
  { op: 'AveragePool', feeds: [x(1, 4, 9)], attributes: { kernel_shape: [2] } },
  { op: 'AveragePool', feeds: [four], attributes: { kernel_shape: [2, 2], dilations: [2, 2] } },
  { op: 'AveragePool', feeds: [four], attributes: { kernel_shape: [3, 3], ceil_mode: 1 } },
  { op: 'AveragePool', feeds: [four], attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } },
  { op: 'GlobalAveragePool', feeds: [x(1, 4, 9)] },
  { op: 'GlobalMaxPool', feeds: [x(1, 4, 9)] },
  { op: 'ReduceMean', feeds: [four, whole(1)] },
  { op: 'ReduceMean', feeds: [four, whole(2, 3)], attributes: { keepdims: 0 } },
  { op: 'Concat', feeds: [seven, seven], attributes: { axis: 1 } },
  { op: 'Slice', feeds: [seven, whole(0), whole(1)] },
  { op: 'Slice', feeds: [four, whole(5), whole(5)] },
  { op: 'Reshape', feeds: [seven, whole(2)] },
  ...['Transpose', 'Flatten', 'Squeeze', 'Identity', 'Dropout'].map((op) => ({ op, feeds: [seven] })),
  { op: 'Unsqueeze', feeds: [seven, whole(0)] },
  { op: 'Dropout', feeds: [four], outputs: 2 },
  resize([1, 2, 2, 2]),
  resize([1, 1, 2, 2], { mode: 'linear' }),
  resize([1, 1, 1.5, 2]),
  resize([1, 1, 2, 2], { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'ceil' }),
  { op: 'LayerNormalization', feeds: [x(2, 3, 4), random(3, 4)], attributes: { axis: 1 } },
  { op: 'LayerNormalization', feeds: [four, random(6)] },
  { op: 'LayerNormalization', feeds: [x(2, 4097), random(4097)] },
  { op: 'LayerNormalization', feeds: [x(2, 3), x(3)] },
  { op: 'Softmax', feeds: [four] },
  { op: 'Softmax', feeds: [x(2, 3)], attributes: { axis: 0 } },
];

test('every limit of the table is met by an operator that misses it', () => {
  const met = new Map<string, Set<string>>();
  for (const asked of misses) {
    const answer = ask(asked);
    assert.ok('limit' in answer, `${asked.op} ${JSON.stringify(asked)} got a group`);
    met.set(asked.op, (met.get(asked.op) ?? new Set()).add(answer.limit));
  }
  // FP32 is asked of every operator alike.
  const [general] = limitsTable()[0]!.limits;
  const unmet = limitsTable().flatMap(({ op, limits }) => limits.filter((sentence) => sentence !== general && met.get(op)?.has(sentence) !== true).map((sentence) => `${op}: ${sentence}`));
  assert.deepEqual(unmet, []);
});

test('integer tensors start no group', () => {
  assert.deepEqual(ask({ op: 'Add', feeds: [{ shape: [3], dtype: 'S64' }, { shape: [3], dtype: 'S64' }] }), { limit: 'The tensors it computes with must be FP32' });
});

test('Resize starts a group exactly where ONNX Runtime repeats each element evenly', async () => {
  const modes = ['asymmetric', 'half_pixel', 'pytorch_half_pixel', 'half_pixel_symmetric', 'align_corners'];
  const answers: string[] = [];
  for (const coordinate_transformation_mode of modes) {
    for (const nearest_mode of ['floor', 'ceil', 'round_prefer_floor', 'round_prefer_ceil']) {
      for (const factor of [2, 3, 4, 5]) {
        const net = new Net();
        net.node('y', 'Resize', [net.input('x', [1, 1, 1, 7]), '', net.weight('scales', [4], [1, 1, 1, factor])], { coordinate_transformation_mode, nearest_mode });
        const graph = net.graph('y');
        const [bytes] = await runFloat(graph, net.blobs, { x: bytesOfNumbers([0, 1, 2, 3, 4, 5, 6], 'FP32') });
        const even = numbersOf(bytes!, 'FP32').every((value, p) => value === Math.floor(p / factor));
        const answer = opOf('Resize')!.draft!(viewsOf(graph, net.blobs)(graph.nodes[0]!));
        assert.equal('kind' in answer, even, `${coordinate_transformation_mode} ${nearest_mode} ${factor}`);
        if (even) answers.push(`${coordinate_transformation_mode} ${nearest_mode}`);
      }
    }
  }
  assert.ok(answers.includes('asymmetric floor') && answers.includes('half_pixel round_prefer_floor'));
});
