// eltwise (docs/integer-spec.md §5): Add, Sub and Mul of two activations, with NumPy's broadcasting.
import { roundHalfAway, scaleToMultiplier } from '../../base/real.ts';
import type { Codes, GroupStructure, GroupValues, Kind, Params, Quant } from '../group.ts';
import { quantOf, scalarOf, textOf } from './attributes.ts';
import { codesFor, offsetsOf, rangeOf, stridesOf } from './codes.ts';
import { enter, entryScalars } from './entry.ts';
import { buildEpilogue, epilogue } from './epilogue.ts';
import { enterFloat, floatScalars, isFloat, leave } from './float.ts';
import { rescale } from './rescale.ts';

export const eltwise: Kind = {
  name: 'eltwise',
  fusesChain: true,
  params(structure, values) {
    if (isFloat(structure)) return { scalars: floatScalars(structure, values), arrays: {} };
    const [a, b] = [quantOf(values.entries[0], 'entry 0'), quantOf(values.entries[1], 'entry 1')];
    const sum = textOf(structure, 'op') !== 'mul';
    const unit = sum ? Math.max(a.scale, b.scale) : a.scale * b.scale;
    const parts = buildEpilogue({
      structure, output: values.output, chain: values.chain, reach: reachOf(structure, a, b), unit,
      ...(sum && { largestFactor: multiplierLimit(structure) / 4 }),
    });
    const factors = sum ? sumFactors(structure, values, parts.step) : { ...scaleToMultiplier(unit / parts.step) };
    return { scalars: { ...entryScalars(structure, values), a_zero: a.zero, b_zero: b.zero, ...factors, ...parts.scalars }, arrays: parts.arrays };
  },
  integer(structure, params, inputs) {
    if (isFloat(structure)) return inFloat(structure, params, inputs);
    const out = codesFor(structure.output);
    const [a, b] = [enter(structure, params, inputs, 0), enter(structure, params, inputs, 1)];
    const [aOffsets, bOffsets] = [broadcast(a, out.shape), broadcast(b, out.shape)];
    const [aZero, bZero] = [scalarOf(params, 'a_zero'), scalarOf(params, 'b_zero')];
    const combine = textOf(structure, 'op') === 'mul' ? product(params) : sum(params);
    const finish = epilogue(structure, params);
    for (let i = 0; i < out.data.length; i++) {
      out.data[i] = finish(combine(a.data[aOffsets[i]!]! - aZero, b.data[bOffsets[i]!]! - bZero));
    }
    return out;
  },
};

const floatForms: Readonly<Record<string, (a: number, b: number) => number>> = { add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b };

function inFloat(structure: GroupStructure, params: Params, inputs: readonly Codes[]): Codes {
  const combine = floatForms[textOf(structure, 'op')]!;
  const { shape } = structure.output;
  const [a, b] = [enterFloat(params, inputs, 0), enterFloat(params, inputs, 1)];
  const [aOffsets, bOffsets] = [broadcast(inputs[0]!, shape), broadcast(inputs[1]!, shape)];
  return leave(structure, params, Float32Array.from(aOffsets, (at, i) => combine(a[at]!, b[bOffsets[i]!]!)));
}

function product(params: Params): (a: number, b: number) => number {
  const [multiplier, shift] = [scalarOf(params, 'multiplier'), scalarOf(params, 'shift')];
  return (a, b) => rescale(a * b, multiplier, shift);
}

/** At most 2^16 * 2^30 * 2 + 2^45: exact in doubles. */
function sum(params: Params): (a: number, b: number) => number {
  const [aMultiplier, bMultiplier] = [scalarOf(params, 'a_multiplier'), scalarOf(params, 'b_multiplier')];
  const unit = 2 ** scalarOf(params, 'shift');
  return (a, b) => Math.floor((a * aMultiplier + b * bMultiplier + unit / 2) / unit);
}

/** Both inputs meet at one shift, the largest that their multipliers allow. */
function sumFactors(structure: GroupStructure, values: GroupValues, step: number): Readonly<Record<string, number>> {
  const limit = multiplierLimit(structure);
  const exact = values.entries.map((entry, i) => quantOf(entry, `entry ${i}`).scale / step);
  // Ratios too large for any shift belong to an output whose range is next to nothing: it saturates either way.
  const excess = Math.max(1, Math.max(...exact) / ((limit - 1) / 2));
  for (let shift = 46; shift >= 1; shift--) {
    const [a = 0, b = 0] = exact.map((ratio) => roundHalfAway((ratio / excess) * 2 ** shift));
    if (a < limit && b < limit) return { a_multiplier: a, b_multiplier: textOf(structure, 'op') === 'sub' ? -b : b, shift };
  }
  throw new Error(`BUG: ratios ${exact.join(' and ')} have no shift`);
}

function multiplierLimit(structure: GroupStructure): number {
  return [...structure.entries, structure.output.dtype].every((dtype) => dtype === 'U8') ? 2 ** 21 : 2 ** 30;
}

function reachOf(structure: GroupStructure, a: Quant, b: Quant): readonly [number, number] {
  const [aLow, aHigh] = rangeOf(a, structure.entries[0]!);
  const [bLow, bHigh] = rangeOf(b, structure.entries[1]!);
  const op = textOf(structure, 'op');
  if (op === 'add') return [aLow + bLow, aHigh + bHigh];
  if (op === 'sub') return [aLow - bHigh, aHigh - bLow];
  if (op !== 'mul') throw new Error(`BUG: eltwise has no op "${op}"`);
  const corners = [aLow * bLow, aLow * bHigh, aHigh * bLow, aHigh * bHigh];
  return [Math.min(...corners), Math.max(...corners)];
}

/** Where each element of the output finds its operand: an axis of size 1 is repeated, missing axes come first. */
function broadcast({ shape }: Codes, to: readonly number[]): Int32Array {
  const strides = stridesOf(shape);
  const missing = to.length - shape.length;
  return offsetsOf(to, to.map((_, axis) => ((shape[axis - missing] ?? 1) === 1 ? 0 : strides[axis - missing]!)));
}
