// layer_norm (docs/integer-spec.md §5): each row less its mean, divided by its deviation, scaled and shifted place by place. Whole numbers all
// the way: sums of codes and their squares are exact, and so is the root's floor.
import { viewAs } from '../../base/bytes.ts';
import type { Digest } from '../../base/digest.ts';
import { roundHalfAway } from '../../base/real.ts';
import type { GroupStructure, GroupValues, Kind, Params } from '../group.ts';
import { arrayOf, numberOf, quantOf, scalarOf } from './attributes.ts';
import { clamp, codesFor } from './codes.ts';
import { enter, entryScalars } from './entry.ts';
import { buildEpilogue, epilogue } from './epilogue.ts';

/** The normalised element counts steps of 2^-22. */
const step = 2 ** 22;

export const layerNorm: Kind = {
  name: 'layer_norm',
  fusesChain: true,
  params,
  integer(structure, params, inputs) {
    const { shape, data } = enter(structure, params, inputs);
    const n = shape.at(-1)!;
    const epsilon = (BigInt(scalarOf(params, 'epsilon_high')) << 32n) + BigInt(scalarOf(params, 'epsilon_low'));
    const bias = arrayOf(params, 'bias', BigInt64Array);
    const multiplier = arrayOf(params, 'multiplier', Int32Array);
    const shift = arrayOf(params, 'shift', Int32Array);
    const finish = epilogue(structure, params);
    const out = codesFor(structure.output);
    for (let row = 0; row < data.length; row += n) {
      const codes = data.subarray(row, row + n);
      const [sum, normalised] = normaliser(codes, epsilon);
      codes.forEach((code, c) => {
        const t = normalised(n * code - sum);
        const places = BigInt(shift[c]!);
        out.data[row + c] = finish(Number((t * BigInt(multiplier[c]!) + bias[c]! + (1n << (places - 1n))) >> places));
      });
    }
    return out;
  },
};

/** The row's sum, and what turns n * a - sum into steps of 2^-22. */
function normaliser(codes: Uint8Array | Uint16Array | Float32Array, epsilon: bigint): readonly [number, (difference: number) => bigint] {
  const n = BigInt(codes.length);
  let [sum, squares] = [0, 0];
  // At most 4096 * 2^32: exact in doubles.
  for (const code of codes) {
    sum += code;
    squares += code * code;
  }
  const variance = n * BigInt(squares) - BigInt(sum) ** 2n;
  let held = variance * 256n + epsilon;
  if (held < 1n) held = 1n;
  if (held >= 1n << 62n) held = (1n << 62n) - 1n;
  let e = 0n;
  while (held << (2n * e + 2n) < 1n << 62n) e++;
  const root = floorRoot(held << (2n * e));
  return [sum, (difference) => floorQuotient(BigInt(difference) * (1n << (27n + e)) + root, 2n * root)];
}

function floorQuotient(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a < 0n && quotient * b !== a ? quotient - 1n : quotient;
}

/** By Newton, from a number that is no less than the root. */
function floorRoot(square: bigint): bigint {
  let root = 1n << 31n;
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function params(structure: GroupStructure, values: GroupValues, _weights: unknown, blob: (digest: Digest) => Uint8Array): Params {
  const n = structure.inputs[0]!.shape.at(-1)!;
  const { scale } = quantOf(values.entries[0], 'entry 0');
  const row = (role: string, otherwise: number): Float32Array => {
    const digest = values.floats[role];
    const numbers = digest === undefined ? new Float32Array(n).fill(otherwise) : viewAs(Float32Array, blob(digest));
    if (numbers.length !== n) throw new Error(`BUG: a ${role} of ${numbers.length} numbers for ${n} elements`);
    return numbers;
  };
  const [gamma, beta] = [row('scale', 1), row('bias', 0)];
  // No element is further from the mean than sqrt(n - 1) deviations.
  const most = Math.sqrt(n) * gamma.reduce((a, b) => Math.max(a, Math.abs(b)), 0) + beta.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const unit = Math.max(gamma.reduce((a, b) => Math.max(a, Math.abs(b)), 0) / step, 1e-30);
  const parts = buildEpilogue({ structure, output: values.output, chain: values.chain, reach: [-most, most], unit });
  const factors = Array.from(gamma, (g, c) => factorOf(g / step / parts.step, beta[c]! / parts.step));
  const epsilon = BigInt(Math.min(roundHalfAway(numberOf(structure, 'epsilon') * n * n * 256 / (scale * scale)), 2 ** 61));
  return {
    scalars: { ...entryScalars(structure, values), epsilon_low: Number(epsilon & 0xffffffffn), epsilon_high: Number(epsilon >> 32n), ...parts.scalars },
    arrays: {
      bias: BigInt64Array.from(factors, ({ bias }) => bias),
      multiplier: Int32Array.from(factors, ({ multiplier }) => multiplier),
      shift: Int32Array.from(factors, ({ shift }) => shift),
      ...parts.arrays,
    },
  };
}

const mostMultiplier = 2 ** 31 - 1;
const mostBias = 2 ** 61;

/** Multiplier and bias at the largest shift that holds both. */
function factorOf(ratio: number, offset: number): { readonly multiplier: number; readonly bias: bigint; readonly shift: number } {
  let shift = 62;
  while (shift > 1 && (Math.abs(roundHalfAway(ratio * 2 ** shift)) > mostMultiplier || Math.abs(offset) * 2 ** shift >= mostBias)) shift--;
  // 2^61 less one step of a double there.
  const bias = clamp(roundHalfAway(offset * 2 ** shift), -(mostBias - 256), mostBias - 256);
  return { multiplier: clamp(roundHalfAway(ratio * 2 ** shift), -mostMultiplier, mostMultiplier), bias: BigInt(bias), shift };
}
