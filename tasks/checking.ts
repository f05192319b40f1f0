// What a check compares, and how strictly: compiler.check and its tolerances, from the sub_config that governs the unit.
import * as z from 'zod';
import type { BuildConfig } from '../src/config/index.ts';
import { bytesOf } from '../src/base/bytes.ts';
import { Fault } from '../src/base/fault.ts';
import type { Codes, Quant } from '../src/ops/group.ts';
import type { FusedGroup, UnitPlan } from '../src/quant/network.ts';

/** level: 0 none, 1 all close (rtol, atol on real values), 2 equal, 3 cosine. */
export const strictness = {
  level: z.int(),
  rtol: z.number(),
  atol: z.number(),
  cosine: z.number(),
};
export type Strictness = z.infer<z.ZodObject<typeof strictness>>;

export function checkOptions(config: BuildConfig, unit: UnitPlan): Strictness {
  const { check, check_rtol, check_atol, check_cosine_simularity } = governing(config, unit);
  return { level: check, rtol: check_rtol, atol: check_atol, cosine: check_cosine_simularity };
}

/** Whether this group's own check runs: the black list excludes tensors by regular expression. */
export function isChecked(config: BuildConfig, unit: UnitPlan, group: FusedGroup): boolean {
  const { check, check_tensor_black_list } = governing(config, unit);
  return check !== 0 && !check_tensor_black_list.some((pattern) => group.outputs.some((name) => new RegExp(pattern).test(name)));
}

/** The options of a unit: those of its sub_config. */
export function governing(config: BuildConfig, unit: UnitPlan): Omit<BuildConfig['compiler'], 'sub_configs'> {
  return unit.subConfig === undefined ? config.compiler : config.compiler.sub_configs[unit.subConfig]!;
}

/** Throws a Fault that shows the first difference when `program` doesn't match `reference` as strictly as asked. */
export function compare(where: string, { reference, program, quant, by }: { reference: Codes; program: Codes; quant: Quant | null; by: Strictness }): void {
  const a = reference.data;
  const b = program.data;
  if (Buffer.compare(bytesOf(a), bytesOf(b)) === 0) return;
  let first = -1;
  let differing = 0;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    if (first < 0) first = i;
    differing++;
    most = Math.max(most, Math.abs(a[i]! - b[i]!));
  }
  // Zeros of two signs are one number.
  if (first < 0) return;
  const { scale, zero } = quant ?? { scale: 1, zero: 0 };
  const real = (code: number): number => (code - zero) * scale;
  if (by.level === 1 && !a.some((code, i) => Math.abs(real(code) - real(b[i]!)) > by.atol + by.rtol * Math.abs(real(code)))) return;
  if (by.level === 3 && cosine(a, b, real, real) >= by.cosine) return;
  throw new Fault({
    what: `check ${where}: the program and the reference disagree`,
    facts: [
      ['shape', `[${reference.shape.join(',')}]`],
      ['first at', `[${position(first, reference.shape).join(',')}]   reference ${a[first]}, program ${b[first]}`],
      ['in all', `${differing} of ${a.length} values, none by more than ${most}`],
    ],
  });
}

/** Of what the numbers of each side mean. */
export function cosine(a: Codes['data'], b: Codes['data'], realOfA: (code: number) => number, realOfB = (real: number): number => real): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const x = realOfA(a[i]!);
    const y = realOfB(b[i]!);
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? Number(aa === bb) : ab / Math.sqrt(aa * bb);
}

function position(flat: number, shape: readonly number[]): number[] {
  const at: number[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    at.unshift(flat % shape[d]!);
    flat = Math.floor(flat / shape[d]!);
  }
  return at;
}
