// Comparisons, logic, and Where.
import type { Op } from './op.ts';
import { broadcastInputs } from './shapes.ts';
import { inputOf, misfit } from './view.ts';

export const equal = compare('Equal');
export const greater = compare('Greater');
export const greaterOrEqual = compare('GreaterOrEqual');
export const less = compare('Less');
export const lessOrEqual = compare('LessOrEqual');
export const and = compare('And');
export const or = compare('Or');
export const not: Op = {
  type: 'Not',
  infer: (view) => [inputOf(view, 0)],
};

export const where: Op = {
  type: 'Where',
  infer(view) {
    const [condition, a, b] = [inputOf(view, 0), inputOf(view, 1), inputOf(view, 2)];
    if (condition.dtype !== 'BOOL') throw misfit(view, 'its condition must be BOOL');
    if (a.dtype !== b.dtype) throw misfit(view, 'its two choices have different types');
    return [{ dtype: a.dtype, shape: broadcastInputs(view) }];
  },
};

function compare(type: string): Op {
  return {
    type,
    infer(view) {
      if (inputOf(view, 0).dtype !== inputOf(view, 1).dtype) throw misfit(view, 'its inputs have different types');
      return [{ dtype: 'BOOL', shape: broadcastInputs(view) }];
    },
  };
}
