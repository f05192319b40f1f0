// MaxPool, AveragePool and their global forms.
import { numberOf, numbersOf } from './attributes.ts';
import { within, type Limit } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import type { TensorType } from '../graph/graph.ts';
import { inputOf, misfit } from './view.ts';
import { windowAttributes, windowOf, type Window } from './window.ts';

const plane: Limit = { sentence: 'Pooling must be two-dimensional', holds: (view) => view.inputs[0]?.shape.length === 4 };

export const maxPool: Op = {
  type: 'MaxPool',
  infer(view) {
    const type = pooled(view);
    return view.node.outputs.length > 1 ? [type, { dtype: 'S64', shape: type.shape }] : [type];
  },
  ...within(
    [
      plane,
      { sentence: 'The indices of MaxPool must not be used', holds: (view) => view.node.outputs.filter((name) => name !== '').length === 1 },
    ],
    (view) => ({
      kind: 'max_pool',
      attributes: windowAttributes(windowIn(view)),
      activations: [0],
      shares: true,
    }),
  ),
};

export const averagePool: Op = {
  type: 'AveragePool',
  infer: (view) => [pooled(view)],
  ...within(
    [
      plane,
      { sentence: 'AveragePool must have no dilations', holds: (view) => windowIn(view).dilations.every((dilation) => dilation === 1) },
      { sentence: 'AveragePool must round its output size down (no ceil_mode)', holds: (view) => numberOf(view.node, 'ceil_mode', 0) === 0 },
      {
        sentence: 'AveragePool must count its padding (count_include_pad) or have none',
        holds: (view) => numberOf(view.node, 'count_include_pad', 0) !== 0 || windowIn(view).pads.every((pad) => pad === 0),
      },
    ],
    (view) => {
      const { kernel, strides, pads } = windowIn(view);
      return { kind: 'avg_pool', attributes: { kernel, strides, pads }, activations: [0] };
    },
  ),
};

export const globalAveragePool: Op = {
  type: 'GlobalAveragePool',
  infer: (view) => [collapsed(view)],
  ...within([plane], () => ({ kind: 'mean', attributes: {}, activations: [0] })),
};

export const globalMaxPool: Op = {
  type: 'GlobalMaxPool',
  infer: (view) => [collapsed(view)],
  ...within([plane], (view) => ({
    kind: 'max_pool',
    attributes: { kernel: inputOf(view, 0).shape.slice(2), strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] },
    activations: [0],
    shares: true,
  })),
};

function windowIn(view: NodeView): Window {
  const kernel = numbersOf(view.node, 'kernel_shape');
  if (kernel === undefined) throw misfit(view, 'kernel_shape is missing');
  return windowOf(view, inputOf(view, 0).shape.slice(2), kernel);
}

function pooled(view: NodeView): TensorType {
  const x = inputOf(view, 0);
  if (x.shape.length < 3) throw misfit(view, 'pooling needs an input of rank 3 or more');
  return { dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...windowIn(view).output] };
}

function collapsed(view: NodeView): TensorType {
  const x = inputOf(view, 0);
  if (x.shape.length < 3) throw misfit(view, 'pooling needs an input of rank 3 or more');
  return { dtype: x.dtype, shape: x.shape.map((size, axis) => (axis < 2 ? size : 1)) };
}
