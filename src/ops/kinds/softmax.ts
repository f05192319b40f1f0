// softmax over the last axis (docs/integer-spec.md §5): a table of exp of the distance to the largest, a whole-number quotient.
import { exp, roundHalfAway, scaleToMultiplier } from '../../base/real.ts';
import type { GroupStructure, Kind, Params } from '../group.ts';
import { arrayOf, numberOf, quantOf, scalarOf } from './attributes.ts';
import { clamp, codesFor, levels } from './codes.ts';
import { enter, entryScalars } from './entry.ts';
import { exponential } from './float-functions.ts';
import { enterFloat, floatScalars, isFloat, leave } from './float.ts';
import { rescale } from './rescale.ts';

// U16: 4096 linear pieces over the distances 0..22; beyond them exp(-x) * 2^30 rounds to 0.
const domain = 22;
const pieces = 4096;
const steps = 2 ** 20;

export const softmax: Kind = {
  name: 'softmax',
  fusesChain: false,
  params(structure, values) {
    if (isFloat(structure)) return { scalars: floatScalars(structure, values), arrays: {} };
    const { scale } = quantOf(values.entries[0], 'entry 0');
    const scalars = { ...entryScalars(structure, values), levels: levels(structure.output.dtype) };
    if (structure.entries[0] === 'U8') {
      const table = Uint32Array.from({ length: 256 }, (_, d) => roundHalfAway(exp(-d * scale) * 2 ** 23));
      return { scalars, arrays: { exp_table: table } };
    }
    const table = Uint32Array.from({ length: pieces + 1 }, (_, i) => roundHalfAway(exp((-i * domain) / pieces) * 2 ** 30));
    return { scalars: { ...scalars, ...scaleToMultiplier((scale * steps) / domain) }, arrays: { exp_table: table } };
  },
  integer(structure, params, inputs) {
    if (isFloat(structure)) return leave(structure, params, rowsInFloat(enterFloat(params, inputs), structure.output.shape.at(-1)!));
    const { shape, data } = enter(structure, params, inputs);
    const axis = numberOf(structure, 'axis');
    if (axis !== shape.length - 1 && axis !== -1) throw new Error(`BUG: softmax over axis ${axis} of ${shape.length}`);
    const length = shape.at(-1)!;
    const top = scalarOf(params, 'levels');
    const lookUp = exponentialOf(structure, params);
    const out = codesFor(structure.output);
    const row = new Float64Array(length);
    for (let start = 0; start < data.length; start += length) {
      let most = 0;
      for (let i = 0; i < length; i++) most = Math.max(most, data[start + i]!);
      let sum = 0;
      for (let i = 0; i < length; i++) sum += row[i] = lookUp(most - data[start + i]!);
      // Doubles divide these whole numbers below 2^53 well enough for an exact floor.
      for (let i = 0; i < length; i++) out.data[start + i] = Math.floor((2 * row[i]! * top + sum) / (2 * sum));
    }
    return out;
  },
};

function rowsInFloat(xs: Float32Array, length: number): Float32Array {
  const out = new Float32Array(xs.length);
  for (let start = 0; start < xs.length; start += length) {
    const row = xs.subarray(start, start + length);
    const most = row.reduce((m, x) => (x > m ? x : m));
    const es = Float64Array.from(row, (x) => exponential(x - most));
    let sum = 0;
    for (const e of es) sum += e;
    es.forEach((e, i) => (out[start + i] = e / sum));
  }
  return out;
}

/** e of the specification, from the distance d to the largest code. */
function exponentialOf(structure: GroupStructure, params: Params): (d: number) => number {
  const table = arrayOf(params, 'exp_table', Uint32Array);
  if (structure.entries[0] === 'U8') return (d) => table[d]!;
  const [multiplier, shift] = [scalarOf(params, 'multiplier'), scalarOf(params, 'shift')];
  return (d) => {
    const x = clamp(rescale(d, multiplier, shift), 0, steps - 1);
    const i = x >> 8;
    const from = table[i]!;
    return Math.floor((from * 256 + (table[i + 1]! - from) * (x & 255) + 128) / 256);
  };
}
