// Softmax, LogSoftmax, ArgMax, ArgMin.
import { numberOf } from './attributes.ts';
import { within } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import { axisIn } from './shapes.ts';
import { inputOf } from './view.ts';

export const softmax: Op = {
  type: 'Softmax',
  infer: alongAxis,
  ...within(
    [
      // A rank-4 tensor keeps its channels last in memory, not its last axis.
      { sentence: 'The input of Softmax must have rank 1, 2 or 3', holds: (view) => [1, 2, 3].includes(inputOf(view, 0).shape.length) },
      { sentence: 'Softmax must run over the last axis', holds: (view) => axisOf(view) === inputOf(view, 0).shape.length - 1 },
    ],
    (view) => ({ kind: 'softmax', attributes: { axis: axisOf(view) }, activations: [0], range: [0, 1] }),
  ),
};

export const logSoftmax: Op = { type: 'LogSoftmax', infer: alongAxis };
export const argMax = arg('ArgMax');
export const argMin = arg('ArgMin');

function arg(type: string): Op {
  return {
    type,
    infer(view) {
      const { shape } = inputOf(view, 0);
      const reduced = axisIn(view, numberOf(view.node, 'axis', 0), shape.length);
      const keep = numberOf(view.node, 'keepdims', 1) !== 0;
      return [{ dtype: 'S64', shape: shape.flatMap((size, axis) => (axis !== reduced ? [size] : keep ? [1] : [])) }];
    },
  };
}

function alongAxis(view: NodeView) {
  axisOf(view);
  return [inputOf(view, 0)];
}

function axisOf(view: NodeView): number {
  return axisIn(view, numberOf(view.node, 'axis', -1), inputOf(view, 0).shape.length);
}
