// Ways to run a chain: heights of its stripes and how many buffers, weighed by the code that they make.
import type { Target } from '../targets/target.ts';
import { transferBytes } from './cost.ts';
import { dependencies } from './dependencies.ts';
import { Emitter } from './emit.ts';
import { engines, space } from './isa.ts';
import type { Plan, Planner } from './lower/lowering.ts';
import { writeStripes } from './run-stripes.ts';
import { timelineOf } from './schedule.ts';
import { layOut, type Buffers } from './stripe-layout.ts';
import { planStripes, type Chain } from './stripes.ts';

/** Two of everything, so that neighbours overlap; then less and less. */
const bufferings: readonly Buffers[] = [{ inputs: 2, inner: 2, output: 2 }, { inputs: 2, inner: 1, output: 2 }, { inputs: 1, inner: 1, output: 1 }];
const pieces = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];
/** Of each buffering, the tallest stripes that fit: lower ones do the same in more instructions. */
const tallest = 3;
/** More members times stripes than this are more code than a chain is worth. */
const mostSteps = 1000;

export function stripePlanner(chain: Chain, target: Target): Planner {
  const last = chain.edges[chain.output]!.rows!;
  const heights = [...new Set(pieces.filter((count) => count <= last.rows && count * last.samples * chain.steps.length <= mostSteps).map((count) => Math.ceil(last.rows / count)))];
  const plans = heights.map((height) => planStripes(chain, height));
  const known = new Map<string, Plan>();
  return ({ onChip, room }) => bufferings.flatMap((buffers, b) => {
    const fitting: Plan[] = [];
    for (const [p, plan] of plans.entries()) {
      const layout = layOut(chain, plan, { onChip, buffers });
      if (layout.bytes > room) continue;
      const key = `${onChip.join()} ${b} ${p}`;
      const one = known.get(key) ?? weighed(layout.bytes, target, (emitter) => writeStripes(emitter, chain, { plan, layout, onChip }));
      known.set(key, one);
      fitting.push(one);
      if (fitting.length === tallest) break;
    }
    return fitting;
  });
}

/** Stripes are few enough to write all of the code and count. */
function weighed(arenaBytes: number, target: Target, emit: (emitter: Emitter) => void): Plan {
  const emitter = new Emitter();
  emit(emitter);
  const { instructions } = emitter.finish();
  const { cycles, busy } = timelineOf(instructions, dependencies(instructions), target);
  const transfers = instructions.filter(({ engine }) => engine === 'sdma');
  const constants = transfers.filter(({ addresses }) => addresses['from']!.space === space.params).reduce((sum, one) => sum + target.dmaStartCycles + transferBytes(one) / target.ddrBytesPerCycle, 0);
  return {
    arenaBytes, cycles, instructions: instructions.length, slices: 1, emit,
    cyclesAhead: Math.max(...engines.map((engine) => busy[engine]), cycles - constants),
    ddrBytes: transfers.reduce((sum, one) => sum + transferBytes(one), 0),
  };
}
