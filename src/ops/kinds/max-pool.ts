// max_pool (docs/integer-spec.md §5): the largest code of the part of the window that lies inside of the tensor.
import type { Kind } from '../group.ts';
import { listOf, pairOf } from './attributes.ts';
import { codesFor } from './codes.ts';
import { enter, entryScalars } from './entry.ts';

export const maxPool: Kind = {
  name: 'max_pool',
  fusesChain: false,
  params: (structure, values) => ({ scalars: entryScalars(structure, values), arrays: {} }),
  integer(structure, params, inputs) {
    const { shape, data } = enter(structure, params, inputs);
    const [, , rows = 1, cols = 1] = shape;
    const [batch = 1, channels = 1, outRows = 1, outCols = 1] = structure.output.shape;
    const [kernelY, kernelX] = pairOf(structure, 'kernel');
    const [strideY, strideX] = pairOf(structure, 'strides');
    const [dilationY, dilationX] = pairOf(structure, 'dilations');
    const [top = 0, left = 0] = listOf(structure, 'pads');
    const out = codesFor(structure.output);
    let to = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      for (let outY = 0; outY < outRows; outY++) {
        for (let outX = 0; outX < outCols; outX++) {
          let most = 0;
          for (let i = 0; i < kernelY; i++) {
            const y = outY * strideY + i * dilationY - top;
            if (y < 0 || y >= rows) continue;
            for (let j = 0; j < kernelX; j++) {
              const x = outX * strideX + j * dilationX - left;
              if (x >= 0 && x < cols) most = Math.max(most, data[(plane * rows + y) * cols + x]!);
            }
          }
          out.data[to++] = most;
        }
      }
    }
    return out;
  },
};
