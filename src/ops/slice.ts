// Slice and Split: parts of a tensor.
import { numberOf } from './attributes.ts';
import { within } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import { axisIn } from './shapes.ts';
import { inputOf, misfit } from './view.ts';

export const slice: Op = {
  type: 'Slice',
  infer(view) {
    return [{ dtype: inputOf(view, 0).dtype, shape: cutsOf(view).map(({ size }) => size) }];
  },
  ...within(
    [
      { sentence: 'The input of Slice must have rank 6 at most', holds: (view) => inputOf(view, 0).shape.length <= 6 },
      { sentence: 'Slice must leave at least one element', holds: (view) => cutsOf(view).every(({ size }) => size > 0) },
    ],
    (view) => ({
      kind: 'move',
      attributes: { mode: 'slice', starts: cutsOf(view).map(({ start }) => start), steps: cutsOf(view).map(({ step }) => step) },
      activations: [0],
      shares: true,
    }),
  ),
};

export const split: Op = {
  type: 'Split',
  infer(view) {
    const x = inputOf(view, 0);
    const axis = axisIn(view, numberOf(view.node, 'axis', 0), x.shape.length);
    return partsOf(view, x.shape[axis]!).map((size) => ({ dtype: x.dtype, shape: x.shape.map((own, i) => (i === axis ? size : own)) }));
  },
};

/** Sizes of the parts along the split axis. */
function partsOf(view: NodeView, size: number): readonly number[] {
  const given = numbersAt(view, 1);
  const count = given?.length ?? numberOf(view.node, 'num_outputs', view.node.outputs.length);
  if (count !== view.node.outputs.length) throw misfit(view, `it has ${view.node.outputs.length} outputs for ${count} parts`);
  const each = Math.ceil(size / count);
  const parts = given ?? Array.from({ length: count }, (_, i) => Math.min(each, size - i * each));
  if (parts.reduce((a, b) => a + b, 0) !== size || parts.some((part) => part < 0)) throw misfit(view, `its parts ${parts.join(' + ')} are not the ${size} elements of the axis`);
  return parts;
}

interface Cut {
  readonly start: number;
  readonly step: number;
  readonly size: number;
}

/** Where each axis of the input is cut. */
function cutsOf(view: NodeView): readonly Cut[] {
  const { shape } = inputOf(view, 0);
  const [starts, ends] = [numbersAt(view, 1), numbersAt(view, 2)];
  if (starts === undefined || ends === undefined) throw misfit(view, 'starts and ends are required');
  const axes = (numbersAt(view, 3) ?? starts.map((_, i) => i)).map((axis) => axisIn(view, axis, shape.length));
  const steps = numbersAt(view, 4) ?? starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length)) throw misfit(view, 'starts, ends, axes and steps differ in length');
  const cuts: Cut[] = shape.map((size) => ({ start: 0, step: 1, size }));
  axes.forEach((axis, i) => (cuts[axis] = cutOf(shape[axis]!, { start: starts[i]!, end: ends[i]!, step: steps[i]! })));
  if (steps.includes(0)) throw misfit(view, 'a step is 0');
  return cuts;
}

function cutOf(size: number, { start, end, step }: { start: number; end: number; step: number }): Cut {
  const clamp = (value: number, lo: number, hi: number): number => Math.min(Math.max(value < 0 ? value + size : value, lo), hi);
  const from = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const to = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  return { start: from, step, size: Math.max(0, Math.ceil((to - from) / step)) };
}

function numbersAt(view: NodeView, i: number): readonly number[] | undefined {
  if (view.inputs[i] === undefined) return undefined;
  const numbers = view.constant(i);
  if (numbers === undefined) throw misfit(view, 'where it cuts is computed at run time; axbuild compiles fixed shapes');
  return numbers;
}
