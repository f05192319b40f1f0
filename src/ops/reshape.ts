// Operators that keep the row-major order of elements and only rename positions: Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout.
// As a group: the kind move; the output's shape is its edge's.
import { elements } from '../base/dtype.ts';
import { numberOf } from './attributes.ts';
import { within, type Limit } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import { axisIn } from './shapes.ts';
import { inputOf, misfit } from './view.ts';

export const reshape = renaming('Reshape', (view) => {
  const { shape } = inputOf(view, 0);
  const wanted = view.constant(1);
  if (wanted === undefined) throw misfit(view, 'its new shape is computed at run time; axbuild compiles fixed shapes');
  const zeroIsSize = numberOf(view.node, 'allowzero', 0) !== 0;
  const sizes = wanted.map((size, axis) => (size === 0 && !zeroIsSize ? (shape[axis] ?? 0) : size));
  const rest = elements(sizes.filter((size) => size !== -1));
  return sizes.map((size) => (size !== -1 ? size : rest === 0 ? 0 : Math.floor(elements(shape) / rest)));
});

export const flatten = renaming('Flatten', (view) => {
  const { shape } = inputOf(view, 0);
  const axis = numberOf(view.node, 'axis', 1);
  const cut = axis === shape.length ? axis : axisIn(view, axis, shape.length);
  return [elements(shape.slice(0, cut)), elements(shape.slice(cut))];
});

export const squeeze = renaming('Squeeze', (view) => {
  const { shape } = inputOf(view, 0);
  const axes = axesAt(view, 1)?.map((axis) => axisIn(view, axis, shape.length));
  const gone = axes ?? shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const long = gone.find((axis) => shape[axis] !== 1);
  if (long !== undefined) throw misfit(view, `axis ${long} has ${shape[long]} elements and can't be squeezed`);
  return shape.filter((_, axis) => !gone.includes(axis));
});

export const unsqueeze = renaming('Unsqueeze', (view) => {
  const { shape } = inputOf(view, 0);
  const axes = axesAt(view, 1) ?? [];
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => axisIn(view, axis, rank)));
  if (added.size !== axes.length) throw misfit(view, 'one of its axes is named twice');
  let next = 0;
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : shape[next++]!));
});

export const identity = renaming('Identity', (view) => inputOf(view, 0).shape);

const unmasked: Limit = { sentence: 'The mask of Dropout must not be used', holds: (view) => view.node.outputs.filter((name) => name !== '').length === 1 };

export const dropout: Op = {
  ...renaming('Dropout', (view) => inputOf(view, 0).shape, [unmasked]),
  infer(view) {
    const x = inputOf(view, 0);
    if (view.constant(2)?.[0] === 1) throw misfit(view, 'it is in training mode; export the model for inference');
    return view.node.outputs.length > 1 ? [x, { dtype: 'BOOL', shape: x.shape }] : [x];
  },
};

function renaming(type: string, shapeOf: (view: NodeView) => readonly number[], limits: readonly Limit[] = []): Op {
  return {
    type,
    infer(view) {
      const x = inputOf(view, 0);
      const shape = shapeOf(view);
      if (elements(shape) !== elements(x.shape)) throw misfit(view, `[${x.shape.join(',')}] can't be reshaped to [${shape.join(',')}]`);
      return [{ dtype: x.dtype, shape }];
    },
    ...within(
      [{ sentence: `The input of ${type} must have rank 6 at most`, holds: (view) => inputOf(view, 0).shape.length <= 6 }, ...limits],
      () => ({ kind: 'move', attributes: { mode: 'reshape' }, activations: [0], shares: true }),
    ),
  };
}

function axesAt(view: NodeView, i: number): readonly number[] | undefined {
  if (view.inputs[i] === undefined) return undefined;
  const axes = view.constant(i);
  if (axes === undefined) throw misfit(view, 'its axes are computed at run time; axbuild compiles fixed shapes');
  return axes;
}
