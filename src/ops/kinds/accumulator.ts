// Weights, bias and multipliers per output channel, and the accumulator they meet in: what conv and conv_transpose share.
import { viewAs } from '../../base/bytes.ts';
import type { Digest } from '../../base/digest.ts';
import { roundHalfAway, scaleToMultiplier } from '../../base/real.ts';
import { elements } from '../../base/dtype.ts';
import type { Codes, GroupStructure, GroupValues, Params, QuantisedWeight } from '../group.ts';
import { arrayOf, quantOf, scalarOf } from './attributes.ts';
import { clamp, codesFor, rangeOf } from './codes.ts';
import { entryScalars } from './entry.ts';
import { buildEpilogue, epilogue } from './epilogue.ts';
import { floatScalars, isFloat, leave } from './float.ts';
import { rescale } from './rescale.ts';

/** Params of a kind whose output channels are sums of products with `weight` ([O, …]) plus `bias`. */
export function linearParams(structure: GroupStructure, values: GroupValues, weights: Readonly<Record<string, QuantisedWeight>>, blob: (digest: Digest) => Uint8Array): Params {
  const weight = weights.weight;
  if (weight === undefined) throw new Error(`BUG: ${structure.kind} without a weight`);
  const entry = quantOf(values.entries[0], 'entry 0');
  const channels = weight.shape[0]!;
  if (weight.scales.length !== channels) throw new Error(`BUG: ${weight.scales.length} weight scales for ${channels} output channels`);
  const floats = values.floats.bias === undefined ? new Float32Array(channels) : viewAs(Float32Array, blob(values.floats.bias));
  if (floats.length !== channels) throw new Error(`BUG: a bias of ${floats.length} numbers for ${channels} output channels`);
  const units = Array.from(weight.scales, (scale) => entry.scale * scale);
  const bias = BigInt64Array.from(biasSteps(structure, floats, units), BigInt);
  const common = { ...entryScalars(structure, values), in_zero: entry.zero };
  if (isFloat(structure)) return { scalars: { ...common, ...floatScalars(structure, values) }, arrays: { weight: weight.codes, bias, unit: Float32Array.from(units) } };
  const parts = buildEpilogue({
    structure, output: values.output, chain: values.chain,
    reach: reachOf(weight, { units, bias, codes: rangeOf({ scale: 1, zero: entry.zero }, structure.entries[0]!) }),
    unit: Math.max(...units),
  });
  const factors = units.map((unit) => scaleToMultiplier(unit / parts.step));
  return {
    scalars: { ...common, ...parts.scalars },
    arrays: {
      weight: weight.codes,
      bias,
      multiplier: Int32Array.from(factors, ({ multiplier }) => multiplier),
      shift: Int32Array.from(factors, ({ shift }) => shift),
      ...parts.arrays,
    },
  };
}

/** A bias in whole steps of the accumulator, whose step is `units[o]`, saturated to its width. */
export function biasSteps(structure: GroupStructure, floats: Float32Array, units: ArrayLike<number>): Float64Array {
  const limit = accumulatorLimit(structure);
  const steps = new Float64Array(floats.length);
  for (let o = 0; o < steps.length; o++) steps[o] = clamp(roundHalfAway(floats[o]! / units[o]!), -limit, limit - 1);
  return steps;
}

/** What sums of products become: `finish` turns the exact sum of channel o into what `data` holds, `done` all of that into the output. */
export interface Sums {
  readonly data: Uint8Array | Uint16Array | Float32Array;
  finish(o: number, sum: number): number;
  done(): Codes;
}

/** Bias, saturation, rescale, epilogue; or floats, and functions of floats. */
export function sumsOf(structure: GroupStructure, params: Params): Sums {
  const limit = accumulatorLimit(structure);
  const bias = Float64Array.from(arrayOf(params, 'bias', BigInt64Array), Number);
  if (isFloat(structure)) {
    const unit = arrayOf(params, 'unit', Float32Array);
    const data = new Float32Array(elements(structure.output.shape));
    return { data, finish: (o, sum) => Math.fround(Math.fround(clamp(sum + bias[o]!, -limit, limit - 1)) * unit[o]!), done: () => leave(structure, params, data) };
  }
  const out = codesFor(structure.output);
  return { data: out.data, finish: finisher(structure, params, { limit, bias }), done: () => out };
}

function finisher(structure: GroupStructure, params: Params, { limit, bias }: { limit: number; bias: Float64Array }): (o: number, sum: number) => number {
  const multiplier = arrayOf(params, 'multiplier', Int32Array);
  const shift = arrayOf(params, 'shift', Int32Array);
  const finish = epilogue(structure, params);
  return (o, sum) => finish(rescale(clamp(sum + bias[o]!, -limit, limit - 1), multiplier[o]!, shift[o]!));
}

export function zeroOf(params: Params): number {
  return scalarOf(params, 'in_zero');
}

export function weightOf(structure: GroupStructure, params: Params): Int8Array | Int16Array {
  return structure.constants.weight?.dtype === 'S16' ? arrayOf(params, 'weight', Int16Array) : arrayOf(params, 'weight', Int8Array);
}

/** 2^31 for U8 by S8, else 2^47. */
function accumulatorLimit(structure: GroupStructure): number {
  return structure.entries[0] === 'U8' && structure.constants.weight?.dtype === 'S8' ? 2 ** 31 : 2 ** 47;
}

interface Operands {
  readonly units: readonly number[];
  readonly bias: BigInt64Array;
  /** Smallest and largest input code minus zero. */
  readonly codes: readonly [number, number];
}

/** The real numbers between which every output must lie, whatever the input. */
function reachOf({ codes }: QuantisedWeight, { units, bias, codes: [least, most] }: Operands): readonly [number, number] {
  let [low, high] = [0, 0];
  const length = codes.length / units.length;
  units.forEach((unit, o) => {
    let [below, above] = [Number(bias[o]!), Number(bias[o]!)];
    for (let k = o * length; k < (o + 1) * length; k++) {
      const w = codes[k]!;
      below += w * (w > 0 ? least : most);
      above += w * (w > 0 ? most : least);
    }
    low = Math.min(low, below * unit);
    high = Math.max(high, above * unit);
  });
  return [low, high];
}
