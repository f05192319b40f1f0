// One small graph or more for every operator of the table: what infer says of it must be what ONNX Runtime gives.
import type { Attribute } from '../../src/graph/graph.ts';
import type { DType } from '../../src/base/dtype.ts';

/** An input: a shape (runtime input), numbers (constant), or '' for one that is left out. */
export type Feed = '' | { readonly shape: readonly number[]; readonly dtype?: DType } | { readonly constant: readonly number[]; readonly dtype?: DType; readonly shape?: readonly number[] };

export interface Case {
  readonly op: string;
  readonly feeds: readonly Feed[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs?: number;
}

const x = (...shape: number[]): Feed => ({ shape });
const whole = (...constant: number[]): Feed => ({ constant, dtype: 'S64' });
const scalar = (constant: number): Feed => ({ constant: [constant], shape: [] });
const bool = (...shape: number[]): Feed => ({ shape, dtype: 'BOOL' });
const unary = ['Relu', 'LeakyRelu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Elu', 'Selu', 'Softplus', 'Softsign', 'Gelu', 'Mish', 'Erf', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Floor', 'Ceil', 'Round', 'Reciprocal', 'Sin', 'Cos', 'Identity', 'Flatten', 'GlobalAveragePool', 'GlobalMaxPool', 'Softmax', 'LogSoftmax', 'ArgMax', 'ArgMin', 'ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'Shape', 'Size', 'Dropout', 'Squeeze', 'Transpose'];
const binary = ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'];
const four = x(1, 4, 5, 6);

export const cases: readonly Case[] = [
  ...unary.map((op) => ({ op, feeds: [four] })),
  ...binary.map((op) => ({ op, feeds: [x(2, 1, 5, 1), x(4, 1, 6)] })),
  ...['And', 'Or'].map((op) => ({ op, feeds: [bool(2, 3), bool(3)] })),
  { op: 'Not', feeds: [bool(2, 3)] },
  { op: 'Where', feeds: [bool(2, 1), x(3), x(1, 1)] },
  { op: 'Max', feeds: [x(2, 1), x(3), x(1, 1)] },
  { op: 'Sum', feeds: [x(2, 1), x(3), x(1, 1)] },
  { op: 'Conv', feeds: [four, x(6, 4, 3, 3)] },
  { op: 'Conv', feeds: [four, x(8, 1, 3, 2), x(8)], attributes: { group: 4, pads: [1, 0, 1, 2], strides: [2, 1], dilations: [1, 2] } },
  { op: 'Conv', feeds: [four, x(6, 4, 3, 3)], attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] } },
  { op: 'Conv', feeds: [four, x(6, 4, 2, 2)], attributes: { auto_pad: 'SAME_LOWER' } },
  { op: 'Conv', feeds: [four, x(6, 4, 3, 3)], attributes: { auto_pad: 'VALID', kernel_shape: [3, 3] } },
  { op: 'Conv', feeds: [x(1, 4, 9), x(6, 2, 3)], attributes: { group: 2 } },
  { op: 'ConvTranspose', feeds: [four, x(4, 3, 2, 2), x(3)], attributes: { strides: [2, 2] } },
  { op: 'ConvTranspose', feeds: [four, x(4, 3, 3, 3)], attributes: { strides: [2, 3], pads: [1, 0, 0, 1], output_padding: [1, 0] } },
  { op: 'ConvTranspose', feeds: [four, x(4, 3, 3, 3)], attributes: { strides: [2, 2], output_shape: [11, 12] } },
  { op: 'ConvTranspose', feeds: [four, x(4, 3, 3, 3)], attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' } },
  { op: 'ConvTranspose', feeds: [four, x(4, 2, 3, 3)], attributes: { group: 2, dilations: [2, 1] } },
  { op: 'Gemm', feeds: [x(3, 4), x(4, 5), x(5)] },
  { op: 'Gemm', feeds: [x(4, 3), x(5, 4), x(3, 1)], attributes: { transA: 1, transB: 1 } },
  { op: 'MatMul', feeds: [x(3, 4), x(4, 5)] },
  { op: 'MatMul', feeds: [x(2, 1, 3, 4), x(6, 4, 5)] },
  { op: 'MatMul', feeds: [x(4), x(2, 4, 5)] },
  { op: 'MatMul', feeds: [x(2, 3, 4), x(4)] },
  { op: 'Clip', feeds: [four, scalar(-0.5), scalar(0.5)] },
  { op: 'Clip', feeds: [four, '', scalar(0.5)] },
  { op: 'PRelu', feeds: [four, { constant: [0.25, 0.5, 0.1, -0.3], shape: [4, 1, 1] }] },
  { op: 'MaxPool', feeds: [four], attributes: { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1] } },
  { op: 'MaxPool', feeds: [four], attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 } },
  { op: 'MaxPool', feeds: [four], attributes: { kernel_shape: [2, 2], dilations: [2, 3] }, outputs: 2 },
  { op: 'AveragePool', feeds: [four], attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 } },
  { op: 'AveragePool', feeds: [four], attributes: { kernel_shape: [2, 2], strides: [3, 3], auto_pad: 'SAME_UPPER' } },
  { op: 'ReduceMean', feeds: [four, whole(2, 3)] },
  { op: 'ReduceMean', feeds: [four, whole(-1)], attributes: { keepdims: 0 } },
  { op: 'ReduceSum', feeds: [four], attributes: { noop_with_empty_axes: 1 } },
  { op: 'BatchNormalization', feeds: [four, x(4), x(4), x(4), { constant: [1, 2, 3, 4] }] },
  { op: 'InstanceNormalization', feeds: [four, x(4), x(4)] },
  { op: 'LayerNormalization', feeds: [four, x(6), x(6)] },
  { op: 'LayerNormalization', feeds: [four, x(5, 6)], attributes: { axis: 2 }, outputs: 3 },
  { op: 'Concat', feeds: [four, x(1, 2, 5, 6)], attributes: { axis: -3 } },
  { op: 'Split', feeds: [four, whole(1, 3)], attributes: { axis: 1 }, outputs: 2 },
  { op: 'Split', feeds: [four], attributes: { axis: 2, num_outputs: 2 }, outputs: 2 },
  { op: 'Slice', feeds: [four, whole(0), whole(9223372036854775807), whole(-1), whole(2)] },
  { op: 'Slice', feeds: [four, whole(-1, 4), whole(-9223372036854775807, 1), whole(3, 2), whole(-2, -1)] },
  { op: 'Slice', feeds: [four, whole(0, 1), whole(1, 3)] },
  { op: 'Reshape', feeds: [four, whole(0, -1, 3)] },
  { op: 'Transpose', feeds: [four], attributes: { perm: [0, 2, 3, 1] } },
  { op: 'Flatten', feeds: [four], attributes: { axis: -1 } },
  { op: 'Flatten', feeds: [four], attributes: { axis: 0 } },
  { op: 'Squeeze', feeds: [x(1, 3, 1, 4), whole(-2)] },
  { op: 'Unsqueeze', feeds: [x(3, 4), whole(0, -1)] },
  { op: 'Expand', feeds: [x(3, 1), whole(2, 1, 4)] },
  { op: 'Tile', feeds: [x(3, 1), whole(2, 3)] },
  { op: 'Pad', feeds: [x(3, 4), whole(0, 1, 2, 3)] },
  { op: 'Pad', feeds: [x(3, 4), whole(1, -1), '', whole(-1)] },
  { op: 'Gather', feeds: [x(3, 4), { constant: [0, 2, -1, 1], shape: [2, 2], dtype: 'S64' }], attributes: { axis: 1 } },
  { op: 'DepthToSpace', feeds: [four], attributes: { blocksize: 2 } },
  { op: 'SpaceToDepth', feeds: [x(1, 2, 4, 6)], attributes: { blocksize: 2 } },
  { op: 'Resize', feeds: [four, '', { constant: [1, 1, 2, 1.5] }], attributes: { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' } },
  { op: 'Resize', feeds: [four, '', '', whole(1, 4, 7, 12)], attributes: { mode: 'linear' } },
  { op: 'Resize', feeds: [four, '', '', whole(10, 9)], attributes: { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' } },
  { op: 'ArgMax', feeds: [four], attributes: { axis: -1, keepdims: 0 } },
  { op: 'Softmax', feeds: [x(2, 3)], attributes: { axis: 0 } },
  { op: 'Shape', feeds: [four], attributes: { start: 1, end: -1 } },
  { op: 'Constant', feeds: [], attributes: { value_floats: [1, 2, 3] } },
  { op: 'Constant', feeds: [], attributes: { value_int: 7 } },
  { op: 'ConstantOfShape', feeds: [whole(2, 3)] },
  { op: 'Cast', feeds: [four], attributes: { to: 6 } },
  { op: 'Range', feeds: [{ constant: [3], shape: [], dtype: 'S64' }, { constant: [-4], shape: [], dtype: 'S64' }, { constant: [-2], shape: [], dtype: 'S64' }] },
];
