// matmul (docs/integer-spec.md §5): the product of two activations, matrix by matrix.
import { scaleToMultiplier } from '../../base/real.ts';
import type { GroupStructure, Kind, Quant } from '../group.ts';
import { quantOf, scalarOf } from './attributes.ts';
import { clamp, codesFor, rangeOf } from './codes.ts';
import { enter, entryScalars } from './entry.ts';
import { buildEpilogue, epilogue } from './epilogue.ts';
import { rescale } from './rescale.ts';

export const matmul: Kind = {
  name: 'matmul',
  fusesChain: true,
  params(structure, values) {
    const [a, b] = [quantOf(values.entries[0], 'entry 0'), quantOf(values.entries[1], 'entry 1')];
    const unit = a.scale * b.scale;
    const parts = buildEpilogue({ structure, output: values.output, chain: values.chain, reach: reachOf(structure, a, b), unit });
    return { scalars: { ...entryScalars(structure, values), a_zero: a.zero, b_zero: b.zero, ...scaleToMultiplier(unit / parts.step), ...parts.scalars }, arrays: parts.arrays };
  },
  integer(structure, params, inputs) {
    const [a, b] = [enter(structure, params, inputs, 0), enter(structure, params, inputs, 1)];
    const [aZero, bZero] = [scalarOf(params, 'a_zero'), scalarOf(params, 'b_zero')];
    const [multiplier, shift] = [scalarOf(params, 'multiplier'), scalarOf(params, 'shift')];
    const limit = structure.entries.every((dtype) => dtype === 'U8') ? 2 ** 31 : 2 ** 47;
    const finish = epilogue(structure, params);
    const out = codesFor(structure.output);
    const [rows, depth, cols] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
    for (let at = 0; at < out.data.length; at++) {
      const row = Math.floor(at / cols);
      const first = Math.floor(row / rows) * depth * cols + (at % cols);
      let sum = 0;
      // Below 2^32 * 2^21: exact in doubles.
      for (let k = 0; k < depth; k++) sum += (a.data[row * depth + k]! - aZero) * (b.data[first + k * cols]! - bZero);
      out.data[at] = finish(rescale(clamp(sum, -limit, limit - 1), multiplier, shift));
    }
    return out;
  },
};

/** The real numbers between which every output must lie. */
function reachOf(structure: GroupStructure, a: Quant, b: Quant): readonly [number, number] {
  const depth = structure.inputs[0]!.shape.at(-1)!;
  const [aLow, aHigh] = rangeOf(a, structure.entries[0]!);
  const [bLow, bHigh] = rangeOf(b, structure.entries[1]!);
  const corners = [aLow * bLow, aLow * bHigh, aHigh * bLow, aHigh * bHigh];
  return [depth * Math.min(...corners), depth * Math.max(...corners)];
}
