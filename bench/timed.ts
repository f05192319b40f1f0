// A network's programs kept apart from the rates they are counted by: lowered once, timed under any row of numbers.
import { decode } from '../src/npu/decode.ts';
import { schedule } from '../src/npu/schedule.ts';
import { inMode } from '../src/targets/mode.ts';
import type { Target } from '../src/targets/target.ts';
import { lowerWhole, type Lowered } from './networks/index.ts';

export interface Timed extends Lowered {
  /** By the rates of a row in the mode that the network was lowered for. */
  ms(row: Target): number;
}

export async function timed(network: string, { target, mode }: { target: Target; mode: string }): Promise<Timed> {
  const lowered = await lowerWhole(network, { target, mode });
  const programs = lowered.linked.map(({ code, owners }) => {
    const instructions = decode(code);
    return { instructions, waits: instructions.map(({ wait }) => wait), owners: owners.flatMap(([group, count]) => new Array<number>(count).fill(group)) };
  });
  const cycles = (row: Target): number => programs.reduce((sum, { instructions, waits, owners }) => sum + schedule(instructions, waits, inMode(row, mode), { owners }).cycles, 0);
  return { ...lowered, ms: (row) => cycles(row) / (1000 * row.clockMhz) };
}
