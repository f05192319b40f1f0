// Operators that move, repeat or join elements: Transpose, Concat, Expand, Tile, Pad, Gather, DepthToSpace, SpaceToDepth.
import { numberOf, numbersOf } from './attributes.ts';
import { within } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import { axisIn, broadcast, sameShape } from './shapes.ts';
import { inputOf, misfit } from './view.ts';

export const transpose: Op = {
  type: 'Transpose',
  infer(view) {
    const x = inputOf(view, 0);
    return [{ dtype: x.dtype, shape: permOf(view).map((axis) => x.shape[axis]!) }];
  },
  ...within([{ sentence: 'The input of Transpose must have rank 6 at most', holds: (view) => inputOf(view, 0).shape.length <= 6 }], (view) => ({
    kind: 'move',
    attributes: { mode: 'transpose', perm: permOf(view) },
    activations: [0],
    shares: true,
  })),
};

function permOf(view: NodeView): readonly number[] {
  const rank = inputOf(view, 0).shape.length;
  const perm = numbersOf(view.node, 'perm', Array.from({ length: rank }, (_, i) => rank - 1 - i));
  if (!sameShape(perm.toSorted((a, b) => a - b), perm.map((_, i) => i)) || perm.length !== rank) throw misfit(view, `perm [${perm.join(',')}] is no order of ${rank} axes`);
  return perm;
}

export const concat: Op = {
  type: 'Concat',
  infer(view) {
    const first = inputOf(view, 0);
    const axis = concatAxis(view);
    let size = 0;
    view.inputs.forEach((_, i) => {
      const { dtype, shape } = inputOf(view, i);
      const fits = dtype === first.dtype && shape.length === first.shape.length && shape.every((own, at) => at === axis || own === first.shape[at]);
      if (!fits) throw misfit(view, `input ${i} does not fit the others along axis ${axis}`);
      size += shape[axis]!;
    });
    return [{ dtype: first.dtype, shape: first.shape.map((own, at) => (at === axis ? size : own)) }];
  },
  ...within(
    [
      { sentence: 'The inputs of Concat must have rank 6 at most', holds: (view) => inputOf(view, 0).shape.length <= 6 },
    ],
    (view) => ({ kind: 'concat', attributes: { axis: concatAxis(view) }, activations: view.inputs.map((_, i) => i), shares: true }),
  ),
};

function concatAxis(view: NodeView): number {
  const axis = numberOf(view.node, 'axis');
  if (axis === undefined) throw misfit(view, 'axis is missing');
  return axisIn(view, axis, inputOf(view, 0).shape.length);
}

export const expand: Op = {
  type: 'Expand',
  infer(view) {
    const x = inputOf(view, 0);
    const shape = broadcast([x.shape, listAt(view, 1)]);
    if (shape === undefined) throw misfit(view, `its input does not broadcast to [${listAt(view, 1).join(',')}]`);
    return [{ dtype: x.dtype, shape }];
  },
};

export const tile: Op = {
  type: 'Tile',
  infer(view) {
    const x = inputOf(view, 0);
    const repeats = listAt(view, 1);
    if (repeats.length !== x.shape.length) throw misfit(view, `${repeats.length} repeats for rank ${x.shape.length}`);
    return [{ dtype: x.dtype, shape: x.shape.map((size, axis) => size * repeats[axis]!) }];
  },
};

export const pad: Op = {
  type: 'Pad',
  infer(view) {
    const x = inputOf(view, 0);
    const pads = listAt(view, 1);
    const axes = view.inputs[3] === undefined ? x.shape.map((_, axis) => axis) : listAt(view, 3).map((axis) => axisIn(view, axis, x.shape.length));
    if (pads.length !== 2 * axes.length) throw misfit(view, `${pads.length} pads for ${axes.length} axes`);
    const shape = [...x.shape];
    axes.forEach((axis, i) => (shape[axis] = shape[axis]! + pads[i]! + pads[i + axes.length]!));
    return [{ dtype: x.dtype, shape }];
  },
};

export const gather: Op = {
  type: 'Gather',
  infer(view) {
    const [x, indices] = [inputOf(view, 0), inputOf(view, 1)];
    const axis = axisIn(view, numberOf(view.node, 'axis', 0), x.shape.length);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] }];
  },
};

export const depthToSpace: Op = {
  type: 'DepthToSpace',
  infer: (view) => blocks(view, ([n, c, h, w], b) => [n!, c! / (b * b), h! * b, w! * b]),
};

export const spaceToDepth: Op = {
  type: 'SpaceToDepth',
  infer: (view) => blocks(view, ([n, c, h, w], b) => [n!, c! * b * b, h! / b, w! / b]),
};

function blocks(view: NodeView, shapeOf: (shape: readonly number[], block: number) => readonly number[]) {
  const x = inputOf(view, 0);
  const block = numberOf(view.node, 'blocksize', 0);
  const shape = shapeOf(x.shape, block);
  if (x.shape.length !== 4 || !shape.every(Number.isInteger)) throw misfit(view, `its input can't be divided into blocks of ${block}`);
  return [{ dtype: x.dtype, shape }];
}

function listAt(view: NodeView, i: number): readonly number[] {
  inputOf(view, i);
  const list = view.constant(i);
  if (list === undefined) throw misfit(view, 'its shape is computed at run time; axbuild compiles fixed shapes');
  return list;
}
