// Sum: any number of tensors. Of two activations it is an Add.
import { within } from './limits.ts';
import type { Op } from './op.ts';
import { broadcastInputs } from './shapes.ts';
import { inputOf, misfit } from './view.ts';

export const sum: Op = {
  type: 'Sum',
  infer(view) {
    const { dtype } = inputOf(view, 0);
    if (view.inputs.some((type) => type?.dtype !== dtype)) throw misfit(view, 'its inputs have different types');
    return [{ dtype, shape: broadcastInputs(view) }];
  },
  ...within(
    [
      { sentence: 'Sum must have two inputs', holds: (view) => view.inputs.length === 2 },
      {
        sentence: 'The inputs of Sum must have the same rank, at most 4',
        holds: (view) => view.inputs.every((type) => type?.shape.length === inputOf(view, 0).shape.length && type.shape.length <= 4),
      },
    ],
    () => ({ kind: 'eltwise', attributes: { op: 'add' }, activations: [0, 1] }),
  ),
};
