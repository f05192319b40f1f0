// mean (docs/integer-spec.md §5): the average of each plane (GlobalAveragePool, ReduceMean over height and width).
import type { Kind } from '../group.ts';
import { averageParams, averager } from './averages.ts';
import { scalarOf } from './attributes.ts';
import { codesFor } from './codes.ts';
import { enter } from './entry.ts';

export const mean: Kind = {
  name: 'mean',
  fusesChain: true,
  params: (structure, values) => averageParams(structure, values, planeOf(structure.inputs[0]!.shape)),
  integer(structure, params, inputs) {
    const { shape, data } = enter(structure, params, inputs);
    const size = planeOf(shape);
    const zero = scalarOf(params, 'in_zero');
    const finish = averager(structure, params);
    const out = codesFor(structure.output);
    for (let plane = 0; plane < out.data.length; plane++) {
      let sum = 0;
      for (let i = plane * size; i < (plane + 1) * size; i++) sum += data[i]! - zero;
      out.data[plane] = finish(sum);
    }
    return out;
  },
};

function planeOf(shape: readonly number[]): number {
  return shape[2]! * shape[3]!;
}
