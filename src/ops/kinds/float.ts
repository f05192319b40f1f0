// What all kinds share when they compute in FP32 (docs/integer-spec.md §8): how numbers come in, pass through the chain's functions and leave.
import { roundHalfEven } from '../../base/real.ts';
import type { Codes, GroupStructure, GroupValues, Params } from '../group.ts';
import { quantOf, scalarOf, textOf } from './attributes.ts';
import { clamp, codesFor, levels } from './codes.ts';
import { floatFunctions, settled } from './float-functions.ts';

export function isFloat({ epilogue }: GroupStructure): boolean {
  return epilogue === 'float';
}

/** Names of the chain's functions. */
export function functionsOf(structure: GroupStructure): readonly string[] {
  return textOf(structure, 'functions').split(' ').filter((name) => name !== '');
}

/** The scalars of entries, functions and output. */
export function floatScalars(structure: GroupStructure, { inputs, output, chain }: GroupValues): Record<string, number> {
  const scalars: Record<string, number> = {};
  structure.inputs.forEach(({ dtype }, i) => {
    if (dtype === 'FP32' || structure.entries[i] !== 'FP32') return;
    const { scale, zero } = quantOf(inputs[i], `input ${i}`);
    Object.assign(scalars, { [`entry${i}_scale`]: scale, [`entry${i}_zero`]: zero });
  });
  chain.forEach(({ args: [a = 0, b = 0] }, k) => Object.assign(scalars, { [`f${k}_a`]: single(a), [`f${k}_b`]: single(b) }));
  if (output !== null) Object.assign(scalars, { scale: output.scale, zero: output.zero });
  return scalars;
}

/** As f32; a bound of ±∞ is the largest number. */
function single(x: number): number {
  return clamp(Math.fround(x), -3.4028234663852886e38, 3.4028234663852886e38);
}

/** Input i as floats. */
export function enterFloat(params: Params, inputs: readonly Codes[], i = 0): Float32Array {
  const { data } = inputs[i]!;
  if (data instanceof Float32Array) return data;
  const [scale, zero] = [scalarOf(params, `entry${i}_scale`), scalarOf(params, `entry${i}_zero`)];
  return Float32Array.from(data, (code) => Math.fround(Math.fround(code - zero) * scale));
}

/** What the head has computed, through the functions, as the output carries it. */
export function leave(structure: GroupStructure, params: Params, results: Float32Array): Codes {
  const through = functionsOf(structure).map((name, k) => {
    const apply = floatFunctions[name];
    if (apply === undefined) throw new Error(`BUG: no FP32 form of ${name}`);
    const [a, b] = [scalarOf(params, `f${k}_a`), scalarOf(params, `f${k}_b`)];
    return (x: number): number => settled(apply(x, a, b));
  });
  const ys = results.map((head) => through.reduce((x, apply) => apply(x), settled(head)));
  if (structure.output.dtype === 'FP32') return { shape: structure.output.shape, data: ys };
  const code = quantizer({ scale: scalarOf(params, 'scale'), zero: scalarOf(params, 'zero'), top: levels(structure.output.dtype) });
  const out = codesFor(structure.output);
  for (let i = 0; i < ys.length; i++) out.data[i] = code(ys[i]!);
  return out;
}

/** From a float to its code; no number counts as 0. */
export function quantizer({ scale, zero, top }: { readonly scale: number; readonly zero: number; readonly top: number }): (x: number) => number {
  return (x) => {
    const steps = roundHalfEven(Math.fround(x / scale));
    return Number.isNaN(steps) ? zero : clamp(steps + zero, 0, top);
  };
}
