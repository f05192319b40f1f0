// avg_pool (docs/integer-spec.md §5): the average over the whole window, padding included.
import type { Kind } from '../group.ts';
import { averageParams, averager } from './averages.ts';
import { listOf, pairOf, scalarOf } from './attributes.ts';
import { codesFor } from './codes.ts';
import { enter } from './entry.ts';

export const avgPool: Kind = {
  name: 'avg_pool',
  fusesChain: true,
  params(structure, values) {
    const [kernelY, kernelX] = pairOf(structure, 'kernel');
    return averageParams(structure, values, kernelY * kernelX);
  },
  integer(structure, params, inputs) {
    const { shape, data } = enter(structure, params, inputs);
    const [, , rows = 1, cols = 1] = shape;
    const [batch = 1, channels = 1, outRows = 1, outCols = 1] = structure.output.shape;
    const [kernelY, kernelX] = pairOf(structure, 'kernel');
    const [strideY, strideX] = pairOf(structure, 'strides');
    const [top = 0, left = 0] = listOf(structure, 'pads');
    const zero = scalarOf(params, 'in_zero');
    const finish = averager(structure, params);
    const out = codesFor(structure.output);
    let to = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      for (let outY = 0; outY < outRows; outY++) {
        for (let outX = 0; outX < outCols; outX++) {
          let sum = 0;
          for (let y = outY * strideY - top, i = 0; i < kernelY; y++, i++) {
            if (y < 0 || y >= rows) continue;
            for (let x = outX * strideX - left, j = 0; j < kernelX; x++, j++) {
              if (x >= 0 && x < cols) sum += data[(plane * rows + y) * cols + x]! - zero;
            }
          }
          out.data[to++] = finish(sum);
        }
      }
    }
    return out;
  },
};
