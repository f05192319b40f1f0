// Operators that make or describe tensors: Shape, Size, Constant, ConstantOfShape, Cast, Range. They vanish when constants are folded.
import { dtypeOfOnnx, type DType } from '../base/dtype.ts';
import { numberOf, numbersOf, tensorOf } from './attributes.ts';
import type { NodeView, Op } from './op.ts';
import type { TensorType } from '../graph/graph.ts';
import { inputOf, misfit } from './view.ts';

export const shape: Op = {
  type: 'Shape',
  infer: (view) => [{ dtype: 'S64', shape: [partOf(view).length] }],
};

function partOf(view: NodeView): readonly number[] {
  const sizes = inputOf(view, 0).shape;
  return sizes.slice(numberOf(view.node, 'start', 0), numberOf(view.node, 'end', sizes.length));
}

export const size: Op = {
  type: 'Size',
  infer: () => [{ dtype: 'S64', shape: [] }],
};

export const constant: Op = {
  type: 'Constant',
  infer(view) {
    const { dtype, shape: sizes } = valueOf(view);
    return [{ dtype, shape: sizes }];
  },
};

function valueOf(view: NodeView): TensorType {
  const { node } = view;
  const tensor = tensorOf(node, 'value');
  if (tensor !== undefined) return tensor;
  for (const [name, dtype] of [['value_float', 'FP32'], ['value_int', 'S64']] as const) {
    if (numberOf(node, name) !== undefined) return { dtype, shape: [] };
  }
  for (const [name, dtype] of [['value_floats', 'FP32'], ['value_ints', 'S64']] as const) {
    const numbers = numbersOf(node, name);
    if (numbers !== undefined) return { dtype, shape: [numbers.length] };
  }
  throw misfit(view, 'it has no value that axbuild can read (value, value_float, value_int, value_floats, value_ints)');
}

export const constantOfShape: Op = {
  type: 'ConstantOfShape',
  infer(view) {
    inputOf(view, 0);
    const sizes = view.constant(0);
    if (sizes === undefined) throw misfit(view, 'its shape is computed at run time; axbuild compiles fixed shapes');
    return [{ dtype: tensorOf(view.node, 'value')?.dtype ?? 'FP32', shape: sizes }];
  },
};

export const cast: Op = {
  type: 'Cast',
  infer: (view) => [{ dtype: castTo(view), shape: inputOf(view, 0).shape }],
};

function castTo(view: NodeView): DType {
  const number = numberOf(view.node, 'to', 0);
  const dtype = dtypeOfOnnx(number);
  if (dtype === undefined) throw misfit(view, `it casts to ONNX type ${number}, which axbuild does not know`);
  return dtype;
}

export const range: Op = {
  type: 'Range',
  infer: (view) => [{ dtype: inputOf(view, 0).dtype, shape: [countOf(view)] }],
};

function countOf(view: NodeView): number {
  const [start, limit, delta] = [0, 1, 2].map((i) => view.constant(i)?.[0]);
  if (start === undefined || limit === undefined || delta === undefined) throw misfit(view, 'its length is computed at run time; axbuild compiles fixed shapes');
  return Math.max(0, Math.ceil((limit - start) / delta));
}
