// resize (docs/integer-spec.md §5): every row and column repeated a whole number of times.
import type { Kind } from '../group.ts';
import { pairOf } from './attributes.ts';
import { likeEdge } from './codes.ts';
import { enter, entryScalars } from './entry.ts';

export const resize: Kind = {
  name: 'resize',
  fusesChain: false,
  params: (structure, values) => ({ scalars: entryScalars(structure, values), arrays: {} }),
  integer(structure, params, inputs) {
    const { shape, data } = enter(structure, params, inputs);
    const [batch = 1, channels = 1, rows = 1, cols = 1] = shape;
    const [scaleY, scaleX] = pairOf(structure, 'scales');
    const out = likeEdge(structure.output);
    let to = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      for (let y = 0; y < rows * scaleY; y++) {
        const row = (plane * rows + Math.floor(y / scaleY)) * cols;
        for (let x = 0; x < cols * scaleX; x++) out.data[to++] = data[row + Math.floor(x / scaleX)]!;
      }
    }
    return out;
  },
};
