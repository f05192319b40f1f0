// concat (docs/integer-spec.md §5): codes side by side along one axis.
import type { Kind } from '../group.ts';
import { numberOf } from './attributes.ts';
import { likeEdge, offsetsOf, stridesOf } from './codes.ts';
import { enter, entryScalars } from './entry.ts';

export const concat: Kind = {
  name: 'concat',
  fusesChain: false,
  params: (structure, values) => ({ scalars: entryScalars(structure, values), arrays: {} }),
  integer(structure, params, inputs) {
    const axis = numberOf(structure, 'axis');
    const out = likeEdge(structure.output);
    const strides = stridesOf(out.shape);
    let along = 0;
    inputs.forEach((_, i) => {
      const { shape, data } = enter(structure, params, inputs, i);
      const to = offsetsOf(shape, strides, along * strides.at(axis)!);
      for (let at = 0; at < data.length; at++) out.data[to[at]!] = data[at]!;
      along += shape.at(axis)!;
    });
    return out;
  },
};
