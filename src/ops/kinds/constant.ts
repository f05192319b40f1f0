// constant (docs/integer-spec.md §5): a constant operand of an operator that takes activations, as codes of its edge.
import { viewAs } from '../../base/bytes.ts';
import { elements } from '../../base/dtype.ts';
import type { Kind } from '../group.ts';
import { arrayOf, quantOf } from './attributes.ts';
import { codeOf, codesFor, levels } from './codes.ts';

export const constant: Kind = {
  name: 'constant',
  // Its codes are made for whatever scale the edge has. What could follow is folded before it gets here.
  fusesChain: true,
  params(structure, values, _weights, blob) {
    const { output } = structure;
    const quant = quantOf(values.output, 'the output');
    const digest = values.floats['value'];
    if (digest === undefined) throw new Error('BUG: a constant without a value');
    const floats = viewAs(Float32Array, blob(digest));
    if (floats.length !== elements(output.shape)) throw new Error(`BUG: a constant of ${floats.length} numbers for [${output.shape.join(',')}]`);
    const { data } = codesFor(output);
    for (let i = 0; i < data.length; i++) data[i] = codeOf(floats[i]!, quant, levels(output.dtype));
    return { scalars: {}, arrays: { codes: data } };
  },
  integer(structure, params) {
    const data = structure.output.dtype === 'U8' ? arrayOf(params, 'codes', Uint8Array) : arrayOf(params, 'codes', Uint16Array);
    return { shape: structure.output.shape, data: data.slice() };
  },
};
