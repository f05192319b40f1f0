// conv (docs/integer-spec.md §5): Conv, Gemm, MatMul by a constant; depthwise is group = channels.
import type { Codes, GroupStructure, Kind, Params } from '../group.ts';
import { linearParams, sumsOf, weightOf, zeroOf } from './accumulator.ts';
import { listOf, numberOf, pairOf } from './attributes.ts';
import { offsetsOf } from './codes.ts';
import { enter } from './entry.ts';
import { plant, products, type Windows } from './products.ts';

export const conv: Kind = {
  name: 'conv',
  fusesChain: true,
  params: linearParams,
  integer(structure, params, inputs) {
    const input = enter(structure, params, inputs);
    return input.shape.length === 4 ? planar(structure, params, input) : rows(structure, params, input);
  },
};

function planar(structure: GroupStructure, params: Params, input: Codes): Codes {
  const [batch = 1, channels = 1] = input.shape;
  const [, outChannels = 1, outRows = 1, outCols = 1] = structure.output.shape;
  const [kernelY, kernelX] = pairOf(structure, 'kernel');
  const [strideY, strideX] = pairOf(structure, 'strides');
  const [dilationY, dilationX] = pairOf(structure, 'dilations');
  const [top = 0, left = 0] = listOf(structure, 'pads');
  const group = numberOf(structure, 'group');
  const [inPerGroup, outPerGroup] = [channels / group, outChannels / group];
  const rows = (outRows - 1) * strideY + (kernelY - 1) * dilationY + 1;
  const cols = (outCols - 1) * strideX + (kernelX - 1) * dilationX + 1;
  const corners = offsetsOf([outRows, outCols], [strideY * cols, strideX]);
  const offsets = offsetsOf([inPerGroup, kernelY, kernelX], [rows * cols, dilationY * cols, dilationX]);
  const { data, finish, done } = sumsOf(structure, params);
  const codes = weightOf(structure, params);
  for (let n = 0; n < batch; n++) {
    const planes = plant(input, zeroOf(params), n, { channels, rows, cols, origin: [top, left], spread: [1, 1] });
    for (let g = 0; g < group; g++) {
      const windows: Windows = { planes: planes.data.subarray(g * inPerGroup * rows * cols), corners, offsets };
      const sums = products(windows, { codes, first: g * outPerGroup, count: outPerGroup });
      for (let o = 0, at = 0; o < outPerGroup; o++) {
        const channel = g * outPerGroup + o;
        const to = (n * outChannels + channel) * corners.length;
        for (let position = 0; position < corners.length; position++) data[to + position] = finish(channel, sums[at++]!);
      }
    }
  }
  return done();
}

/** Any other rank: the last axis is channels, all others are positions. */
function rows(structure: GroupStructure, params: Params, input: Codes): Codes {
  const channels = input.shape.at(-1)!;
  const outChannels = structure.output.shape.at(-1)!;
  const zero = zeroOf(params);
  const planes = Float64Array.from(input.data, (code) => code - zero);
  const corners = offsetsOf([planes.length / channels], [channels]);
  const codes = weightOf(structure, params);
  const sums = products({ planes, corners, offsets: offsetsOf([channels], [1]) }, { codes, first: 0, count: outChannels });
  const { data, finish, done } = sumsOf(structure, params);
  for (let o = 0, at = 0; o < outChannels; o++) {
    for (let position = 0; position < corners.length; position++) data[position * outChannels + o] = finish(o, sums[at++]!);
  }
  return done();
}
