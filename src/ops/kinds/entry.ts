// Requantising on entry (docs/integer-spec.md §4): a consumer computes in its own type, scale and zero.
import { scaleToMultiplier } from '../../base/real.ts';
import type { Codes, GroupStructure, GroupValues, Params } from '../group.ts';
import { quantOf, scalarOf } from './attributes.ts';
import { clamp, codesFor, levels } from './codes.ts';
import { quantizer } from './float.ts';
import { rescale } from './rescale.ts';

/** The scalars entry<i>_… of every input that is requantised. */
export function entryScalars(structure: GroupStructure, values: GroupValues): Record<string, number> {
  const scalars: Record<string, number> = {};
  structure.entries.forEach((dtype, i) => {
    const edge = values.inputs[i];
    const entry = values.entries[i];
    if (dtype === 'FP32') return;
    if (dtype === structure.inputs[i]!.dtype) {
      // Structure alone says who requantises, so that code doesn't depend on scales.
      if (edge?.scale !== entry?.scale || edge?.zero !== entry?.zero) throw new Error(`BUG: input ${i} of ${structure.kind} changes its scale but not its type`);
      return;
    }
    const to = quantOf(entry, `entry ${i}`);
    if (structure.inputs[i]!.dtype === 'FP32') return void Object.assign(scalars, { [`entry${i}_scale`]: to.scale, [`entry${i}_zero`]: to.zero });
    const from = quantOf(edge, `input ${i}`);
    const { multiplier, shift } = scaleToMultiplier(from.scale / to.scale);
    Object.assign(scalars, {
      [`entry${i}_in_zero`]: from.zero,
      [`entry${i}_multiplier`]: multiplier,
      [`entry${i}_shift`]: shift,
      [`entry${i}_zero`]: to.zero,
      [`entry${i}_lo`]: 0,
      [`entry${i}_hi`]: levels(dtype),
    });
  });
  return scalars;
}

/** Input i as the group computes with it. */
export function enter(structure: GroupStructure, params: Params, inputs: readonly Codes[], i = 0): Codes {
  const input = inputs[i];
  const dtype = structure.entries[i];
  if (input === undefined || dtype === undefined) throw new Error(`BUG: ${structure.kind} has no input ${i}`);
  if (dtype === structure.inputs[i]!.dtype) return input;
  if (structure.inputs[i]!.dtype === 'FP32') {
    const code = quantizer({ scale: scalarOf(params, `entry${i}_scale`), zero: scalarOf(params, `entry${i}_zero`), top: levels(dtype) });
    const codes = codesFor({ shape: input.shape, dtype });
    for (let at = 0; at < codes.data.length; at++) codes.data[at] = code(input.data[at]!);
    return codes;
  }
  const [inZero, multiplier, shift, zero, lo, hi] = ['in_zero', 'multiplier', 'shift', 'zero', 'lo', 'hi'].map((name) => scalarOf(params, `entry${i}_${name}`));
  const out = codesFor({ shape: input.shape, dtype });
  for (let at = 0; at < out.data.length; at++) {
    out.data[at] = clamp(rescale(input.data[at]! - inZero!, multiplier!, shift!) + zero!, lo!, hi!);
  }
  return out;
}
