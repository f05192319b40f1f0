// conv_transpose (docs/integer-spec.md §5), as the convolution it equals: the input spread out by the stride, the kernel turned around.
import type { Kind } from '../group.ts';
import { linearParams, sumsOf, weightOf, zeroOf } from './accumulator.ts';
import { listOf, pairOf } from './attributes.ts';
import { offsetsOf } from './codes.ts';
import { enter } from './entry.ts';
import { plant, products } from './products.ts';

export const convTranspose: Kind = {
  name: 'conv_transpose',
  fusesChain: true,
  params: linearParams,
  integer(structure, params, inputs) {
    const input = enter(structure, params, inputs);
    const [batch = 1, channels = 1] = input.shape;
    const [, outChannels = 1, outRows = 1, outCols = 1] = structure.output.shape;
    const [kernelY, kernelX] = pairOf(structure, 'kernel');
    const spread = pairOf(structure, 'strides');
    const [top = 0, left = 0] = listOf(structure, 'pads');
    const rows = outRows + kernelY - 1;
    const cols = outCols + kernelX - 1;
    const corners = offsetsOf([outRows, outCols], [cols, 1]);
    // Element (i, j) of the kernel meets the spread input kernel - 1 - i rows and kernel - 1 - j columns from the corner.
    const offsets = offsetsOf([channels, kernelY, kernelX], [rows * cols, -cols, -1], (kernelY - 1) * cols + kernelX - 1);
    const codes = weightOf(structure, params);
    const { data, finish, done } = sumsOf(structure, params);
    for (let n = 0; n < batch; n++) {
      const origin = [kernelY - 1 - top, kernelX - 1 - left] as const;
      const planes = plant(input, zeroOf(params), n, { channels, rows, cols, origin, spread }).data;
      const sums = products({ planes, corners, offsets }, { codes, first: 0, count: outChannels });
      for (let o = 0, at = 0; o < outChannels; o++) {
        const to = (n * outChannels + o) * corners.length;
        for (let position = 0; position < corners.length; position++) data[to + position] = finish(o, sums[at++]!);
      }
    }
    return done();
  },
};
