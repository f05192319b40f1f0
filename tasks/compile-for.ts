// What the compiling tasks are told of the chip: the numbers of its row, as data, so that a target from a file needs no registration.
// What it is called, why, and which operators it lacks is not theirs to know: other chips with the same numbers share their jobs.
import * as z from 'zod';
import type { BuildConfig } from '../src/config/index.ts';
import type { Target } from '../src/targets/target.ts';

const chip = z.strictObject({
  modes: z.array(z.strictObject({ name: z.string(), engineSets: z.int(), ocmBytes: z.int() })),
  clockMhz: z.number(),
  array: z.strictObject({ positions: z.int(), outChannels: z.int(), inChannels: z.int(), wideFactor: z.number() }),
  arrays: z.int(),
  matmulFactor: z.number(),
  resultBytes: z.number(),
  vectorLanes: z.number(),
  moveBytes: z.number(),
  ddrBytesPerCycle: z.number(),
  dmaStartCycles: z.number(),
  instructionStartCycles: z.number(),
  handoverCycles: z.number(),
  weightWindowBytes: z.int(),
});

export const compileFor = z.strictObject({ chip, mode: z.string() });

/** The options every compiling task shares: only the mode that is built for. */
export function compilesFor(target: Target, { npu_mode: mode }: BuildConfig): z.infer<typeof compileFor> {
  const { name: _, about: __, unsupported: ___, sources: ____, ...row } = target;
  return { chip: { ...row, modes: row.modes.filter((one) => one.name === mode) }, mode };
}

/** DDR bytes a cycle by which programs are counted, not planned: all, or what compiler.ddr_bw_limit gives (GB/s; 0: all). */
export const ddrShare = { ddrBytesPerCycle: z.number() };

export function ddrShareOf(target: Target, { compiler: { ddr_bw_limit: most } }: BuildConfig): { ddrBytesPerCycle: number } {
  return { ddrBytesPerCycle: most > 0 ? Math.min(target.ddrBytesPerCycle, (1000 * most) / target.clockMhz) : target.ddrBytesPerCycle };
}

/** The row as the compiler takes it. */
export function targetOf({ chip: row }: Pick<z.infer<typeof compileFor>, 'chip'>): Target {
  return { name: '', about: '', unsupported: [], sources: {}, ...row };
}
