// dequantize (docs/integer-spec.md §5): codes become the model's outputs, in single precision.
import type { Kind } from '../group.ts';
import { quantOf, scalarOf } from './attributes.ts';

export const dequantize: Kind = {
  name: 'dequantize',
  fusesChain: false,
  params(structure, values) {
    if (structure.inputs[0]!.dtype === 'FP32') return { scalars: {}, arrays: {} };
    const { scale, zero } = quantOf(values.inputs[0], 'input 0');
    return { scalars: { scale, zero }, arrays: {} };
  },
  integer(structure, params, [input]) {
    if (input === undefined) throw new Error('BUG: dequantize without an input');
    if (input.data instanceof Float32Array) return { shape: structure.output.shape, data: input.data };
    const [scale, zero] = [scalarOf(params, 'scale'), scalarOf(params, 'zero')];
    const data = Float32Array.from(input.data, (code) => Math.fround(Math.fround(code - zero) * scale));
    return { shape: structure.output.shape, data };
  },
};
