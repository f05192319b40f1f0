// ReduceMean, ReduceSum, ReduceMax, ReduceMin. The mean over height and width is the kind mean.
import { numberOf } from './attributes.ts';
import { within } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import { axisIn } from './shapes.ts';
import { inputOf, misfit } from './view.ts';

export const reduceSum = reduce('ReduceSum');
export const reduceMax = reduce('ReduceMax');
export const reduceMin = reduce('ReduceMin');
export const reduceProd = reduce('ReduceProd');

export const reduceMean: Op = {
  ...reduce('ReduceMean'),
  ...within(
    [
      { sentence: 'ReduceMean must run over height and width of a rank-4 tensor', holds: (view) => inputOf(view, 0).shape.length === 4 && axesOf(view).toSorted((a, b) => a - b).join() === '2,3' },
      { sentence: 'ReduceMean must keep its reduced axes (keepdims)', holds: (view) => numberOf(view.node, 'keepdims', 1) !== 0 },
    ],
    () => ({ kind: 'mean', attributes: {}, activations: [0] }),
  ),
};

function reduce(type: string): Op {
  return {
    type,
    infer(view) {
      const x = inputOf(view, 0);
      const axes = new Set(axesOf(view));
      const keep = numberOf(view.node, 'keepdims', 1) !== 0;
      const shape = x.shape.flatMap((size, axis) => (!axes.has(axis) ? [size] : keep ? [1] : []));
      return [{ dtype: x.dtype, shape }];
    },
  };
}

function axesOf(view: NodeView): readonly number[] {
  const rank = inputOf(view, 0).shape.length;
  const given = view.inputs[1] === undefined ? [] : view.constant(1);
  if (given === undefined) throw misfit(view, 'its axes are computed at run time; axbuild compiles fixed shapes');
  if (given.length > 0) return given.map((axis) => axisIn(view, axis, rank));
  return numberOf(view.node, 'noop_with_empty_axes', 0) !== 0 ? [] : Array.from({ length: rank }, (_, axis) => axis);
}
