// How far a plan is from what no plan could beat. Bounds are worked out here from wiring and menus, not taken from the planner.
import { readMenu } from '../../src/npu/menu.ts';
import { space } from '../../src/npu/isa.ts';
import { edgeBytes } from '../../src/npu/memory.ts';
import type { Program } from '../../src/npu/object.ts';
import { readProgram } from '../../src/npu/program.ts';
import type { Edge } from '../../src/ops/group.ts';
import type { Target } from '../../src/targets/target.ts';
import { inMode } from '../../src/targets/mode.ts';
import type { Built } from './networks.ts';

export interface Memory {
  /** Bytes that the program occupies. */
  readonly peak: number;
  /** The most bytes that live at one step of its order: edges from producer to last reader, arenas from their first load on. */
  readonly live: number;
}

export interface PlanFigures {
  readonly stats: Program['stats'];
  readonly ocm: Memory;
  readonly swap: Memory;
  /** Share of DMA cycles during which another engine computes. */
  readonly overlap: number;
  /** Cycles if the array never idled nor padded. */
  readonly macCycles: number;
  /** DDR bytes if parameters, inputs and outputs passed once and nothing else did. */
  readonly ddrLeast: number;
}

/** Of a network that is one unit. */
export function planFigures(built: Built, target: Target): PlanFigures {
  const [unit] = built.container.chains[0]!.units;
  if (unit?.type !== 'NPU') throw new Error('not an NPU unit');
  const program = readProgram(unit.programs[0]!.program);
  const { stats } = program;
  const ends = [...program.inputs, ...program.outputs].reduce((sum, { bytes }) => sum + bytes, 0);
  const { array: { positions, outChannels, inChannels }, arrays } = inMode(target, 'NPU1');
  return {
    stats,
    ocm: { peak: stats.ocmPeak, live: live(built, program, { where: space.ocm, withArenas: true }) },
    swap: { peak: stats.swapPeak, live: live(built, program, { where: space.swap, withArenas: false }) },
    overlap: stats.overlapCycles / stats.busy.sdma,
    macCycles: stats.macs / (arrays * positions * outChannels * inChannels),
    ddrLeast: program.paramsBytes + ends,
  };
}

function live(built: Built, program: Program, { where, withArenas }: { where: number; withArenas: boolean }): number {
  const { recipe } = built.jobs['link']![0]!;
  const { wiring, edges } = recipe.options as unknown as { wiring: { inputs: number[]; output: number }[]; edges: { edge: Edge; role: string }[] };
  const menus = recipe.inputs['menus'] as readonly Parameters<Built['blob']>[0][];
  const steps = wiring.map(() => 0);
  if (withArenas) {
    firstSteps(program).forEach((from, g) => {
      const { arenaBytes } = readMenu(built.blob(menus[g]!)).variants[program.chosen[g]!]!;
      for (let step = from; step <= g; step++) steps[step]! += arenaBytes;
    });
  }
  edges.forEach(({ edge, role }, e) => {
    if (role !== 'inner' || program.edges[e]!.space !== where) return;
    const from = wiring.findIndex((group) => group.output === e);
    const to = wiring.findLastIndex((group) => group.inputs.includes(e));
    for (let g = from; g <= Math.max(from, to); g++) steps[g]! += edgeBytes(edge);
  });
  return Math.max(...steps);
}

/** Of each group, the one that runs when its first instruction is issued: the earliest of those that have instructions left. */
function firstSteps({ owners, chosen }: Program): number[] {
  const first = chosen.map((_, g) => g);
  let running = Infinity;
  for (const [group] of owners.toReversed()) {
    running = Math.min(running, group);
    first[group] = Math.min(first[group]!, running);
  }
  return first;
}
