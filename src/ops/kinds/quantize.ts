// quantize (docs/integer-spec.md §5): the model's inputs become codes, in single precision.
import { roundHalfEven } from '../../base/real.ts';
import type { Kind, Params } from '../group.ts';
import { arrayOf, quantOf, scalarOf } from './attributes.ts';
import { clamp, codesFor, levels } from './codes.ts';

export const quantize: Kind = {
  name: 'quantize',
  fusesChain: false,
  params(structure, values) {
    const { scale, zero } = quantOf(values.output, 'the output');
    const { mean, std } = values.lists;
    const channels = structure.inputs[0]!.shape[1] ?? 1;
    for (const [name, list] of [['mean', mean], ['std', std]] as const) {
      if (list !== undefined && list.length !== channels) throw new Error(`BUG: ${list.length} numbers of ${name} for ${channels} channels`);
    }
    if (mean === undefined && std === undefined) return { scalars: { scale, zero, levels: levels(structure.output.dtype) }, arrays: {} };
    return {
      scalars: { scale, zero, levels: levels(structure.output.dtype) },
      arrays: {
        mean: Float32Array.from({ length: channels }, (_, c) => mean?.[c] ?? 0),
        std: Float32Array.from({ length: channels }, (_, c) => std?.[c] ?? 1),
      },
    };
  },
  integer(structure, params, [input]) {
    if (input === undefined) throw new Error('BUG: quantize without an input');
    const [scale, zero, top] = [scalarOf(params, 'scale'), scalarOf(params, 'zero'), scalarOf(params, 'levels')];
    const normalised = normaliser(params);
    const channels = input.shape[1] ?? 1;
    const plane = input.shape.slice(2).reduce((product, size) => product * size, 1);
    const out = codesFor(structure.output);
    for (let i = 0; i < out.data.length; i++) {
      const x = normalised(input.data[i]!, Math.floor(i / plane) % channels);
      out.data[i] = clamp(roundHalfEven(Math.fround(x / scale)) + zero, 0, top);
    }
    return out;
  },
};

/** (x - mean) / std of channel c, each operation rounded to single precision. */
function normaliser(params: Params): (x: number, c: number) => number {
  if (params.arrays.mean === undefined) return (x) => x;
  const [mean, std] = [arrayOf(params, 'mean', Float32Array), arrayOf(params, 'std', Float32Array)];
  return (x, c) => Math.fround(Math.fround(x - mean[c]!) / std[c]!);
}
