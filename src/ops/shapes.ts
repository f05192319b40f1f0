// Arithmetic on shapes that several operator families share.
import type { TensorType } from '../graph/graph.ts';
import type { NodeView } from './op.ts';
import { misfit } from './view.ts';

/** NumPy broadcasting, or undefined when the shapes don't fit. */
export function broadcast(shapes: readonly (readonly number[])[]): readonly number[] | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const out: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((candidate) => candidate !== 1) ?? 1;
    if (sizes.some((candidate) => candidate !== 1 && candidate !== size)) return undefined;
    out.push(size);
  }
  return out;
}

/** The common shape of the inputs that are there. */
export function broadcastInputs(view: NodeView): readonly number[] {
  const shape = broadcast(view.inputs.filter((type) => type !== undefined).map((type) => type.shape));
  if (shape === undefined) throw misfit(view, 'the shapes of its inputs do not broadcast');
  return shape;
}

/** An axis counted from the front. */
export function axisIn(view: NodeView, axis: number, rank: number): number {
  const front = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(front) || front < 0 || front >= rank) throw misfit(view, `axis ${axis} is outside of rank ${rank}`);
  return front;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** `type` with another shape. */
export function reshaped(type: TensorType, shape: readonly number[]): TensorType {
  return { dtype: type.dtype, shape };
}
