// unary (docs/integer-spec.md §5): a chain of functions on its own, or a change of type. Exact for 8-bit inputs.
import { roundHalfEven, scaleToMultiplier } from '../../base/real.ts';
import { applyChain } from '../functions.ts';
import type { GroupStructure, GroupValues, Kind } from '../group.ts';
import { arrayOf, quantOf, scalarOf } from './attributes.ts';
import { clamp, codesFor, levels, rangeOf } from './codes.ts';
import { enter, entryScalars } from './entry.ts';
import { buildEpilogue, epilogue } from './epilogue.ts';
import { enterFloat, floatScalars, isFloat, leave } from './float.ts';
import { rescale } from './rescale.ts';

export const unary: Kind = {
  name: 'unary',
  fusesChain: true,
  params(structure, values) {
    if (isFloat(structure)) return { scalars: floatScalars(structure, values), arrays: {} };
    const entries = entryScalars(structure, values);
    if (structure.entries[0] === 'U8') return { scalars: entries, arrays: { lut: lutOf(structure, values) } };
    const entry = quantOf(values.entries[0], 'entry 0');
    const reach = rangeOf(entry, structure.entries[0]!);
    const parts = buildEpilogue({ structure, output: values.output, chain: values.chain, reach, unit: entry.scale });
    return { scalars: { ...entries, in_zero: entry.zero, ...scaleToMultiplier(entry.scale / parts.step), ...parts.scalars }, arrays: parts.arrays };
  },
  integer(structure, params, inputs) {
    if (isFloat(structure)) return leave(structure, params, enterFloat(params, inputs));
    const input = enter(structure, params, inputs);
    const out = codesFor(structure.output);
    if (structure.entries[0] === 'U8') {
      const lut = structure.output.dtype === 'U8' ? arrayOf(params, 'lut', Uint8Array) : arrayOf(params, 'lut', Uint16Array);
      for (let i = 0; i < out.data.length; i++) out.data[i] = lut[input.data[i]!]!;
      return out;
    }
    const [zero, multiplier, shift] = [scalarOf(params, 'in_zero'), scalarOf(params, 'multiplier'), scalarOf(params, 'shift')];
    const finish = epilogue(structure, params);
    for (let i = 0; i < out.data.length; i++) out.data[i] = finish(rescale(input.data[i]! - zero, multiplier, shift));
    return out;
  },
};

/** The output code of each of the 256 input codes. */
function lutOf(structure: GroupStructure, values: GroupValues): Uint8Array | Uint16Array {
  const [entry, output] = [quantOf(values.entries[0], 'entry 0'), quantOf(values.output, 'the output')];
  const top = levels(structure.output.dtype);
  const code = (q: number): number => {
    const value = applyChain(values.chain, (q - entry.zero) * entry.scale);
    return clamp(roundHalfEven(value / output.scale) + output.zero, 0, top);
  };
  const codes = Array.from({ length: 256 }, (_, q) => code(q));
  return top === 255 ? Uint8Array.from(codes) : Uint16Array.from(codes);
}
