// What the compiling tasks are told of the chip: the numbers of its row, as data, so that a target from a file needs no registration.
// What it is called, why, and which operators it lacks is not theirs to know: other chips with the same numbers share their jobs.
import * as z from 'zod';
import type { BuildConfig } from '../src/config/index.ts';
import type { Target } from '../src/targets/target.ts';

const chip = z.strictObject({
  modes: z.array(z.strictObject({ name: z.string(), engineSets: z.int(), ocmBytes: z.int() })),
  clockMhz: z.number(),
  array: z.strictObject({ positions: z.int(), outChannels: z.int(), inChannels: z.int(), wideFactor: z.number() }),
  vectorLanes: z.int(),
  moveBytes: z.int(),
  ddrBytesPerCycle: z.number(),
  dmaStartCycles: z.number(),
  instructionStartCycles: z.number(),
});

export const compileFor = z.strictObject({ chip, mode: z.string() });

/** The options every compiling task shares: only the mode that is built for, and no more of DDR than compiler.ddr_bw_limit gives (GB/s; 0: all). */
export function compilesFor(target: Target, { npu_mode: mode, compiler: { ddr_bw_limit: most } }: BuildConfig): z.infer<typeof compileFor> {
  const { modes, clockMhz, array, vectorLanes, moveBytes, dmaStartCycles, instructionStartCycles } = target;
  const ddrBytesPerCycle = most > 0 ? Math.min(target.ddrBytesPerCycle, (1000 * most) / clockMhz) : target.ddrBytesPerCycle;
  return {
    chip: { modes: modes.filter((one) => one.name === mode), clockMhz, array, vectorLanes, moveBytes, ddrBytesPerCycle, dmaStartCycles, instructionStartCycles },
    mode,
  };
}

/** The row as the compiler takes it. */
export function targetOf({ chip: row }: z.infer<typeof compileFor>): Target {
  return { name: '', about: '', unsupported: [], sources: {}, ...row };
}
