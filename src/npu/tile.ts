// Plans one group for a target: the variants worth having, for every residency of its edges and falling amounts of memory, by the rates of one
// engine set. Reads structure only: no scale, weight, name or position.
import { Fault } from '../base/fault.ts';
import type { Edge, GroupStructure } from '../ops/group.ts';
import type { Target } from '../targets/target.ts';
import { modeOf } from '../targets/mode.ts';
import { constantLayout } from './constants.ts';
import { transferBytes } from './cost.ts';
import { dependencies } from './dependencies.ts';
import { Emitter } from './emit.ts';
import { space } from './isa.ts';
import { loweringOf } from './lower/index.ts';
import type { Plan, Planner } from './lower/lowering.ts';
import { edgeBytes } from './memory.ts';
import type { Menu, Variant } from './object.ts';
import { firstConstants } from './order.ts';
import { timelineOf } from './schedule.ts';

export interface TileOptions {
  readonly target: Target;
  readonly mode: string;
  /** enable_slice_mode: two slices or more, through two buffers, wherever there are such plans. */
  readonly sliced?: boolean;
}

/** Groups with more inputs get two residencies of all inputs together instead of every combination. */
const combinedInputs = 2;
/** Within this much of the best, the smaller arena is better: it leaves room to load ahead. */
const near = 1.01;
/** What takes this many times the cycles of the fastest plan of all saves no memory worth having, unless the chip has no more. */
const slowest = 2;
/** No less memory than this is planned for, unless the chip has no more. */
const leastMemory = 4096;

export function tile(structure: GroupStructure, options: TileOptions): Menu {
  const { target } = options;
  const { ocmBytes } = modeOf(target, options.mode);
  const lowering = loweringOf(structure.kind);
  const every = lowering.planner(structure, target);
  const plan = options.sliced === true ? slicedOnly(every) : every;
  const variants = variantsOf(structure, plan, { target, ocmBytes }, (plans) => {
    throw tooLarge(structure, { ...options, ocmBytes, plans });
  });
  return { variants, constantBytes: constantLayout(structure).bytes, macs: lowering.macs(structure) };
}

function slicedOnly(planner: Planner): Planner {
  return (place) => {
    const plans = planner(place);
    const sliced = plans.filter(({ slices, arenaBytes }) => slices > 1 && arenaBytes <= place.room);
    return sliced.length > 0 ? sliced : plans;
  };
}

/** What enters and leaves. */
export type Ends = Pick<GroupStructure, 'inputs' | 'output'>;

/**
 * For the chip's memory and halves of it. What is chosen for so much memory doesn't depend on how much more there is: the menu for twice the memory
 * has all of this one's variants, with the same `memoryBytes`. `none`: called where not even the smallest plan fits with every edge in DDR.
 */
export function variantsOf(ends: Ends, planner: Planner, { target, ocmBytes }: { target: Target; ocmBytes: number }, none: (plans: readonly Plan[]) => void): Variant[] {
  return residencies(ends, ocmBytes).flatMap((onChip) => {
    const resident = residentBytes(ends, onChip);
    const plansFor = (memory: number): readonly Plan[] => planner({ onChip, room: memory - resident });
    const most = slowest * leastOf(plansFor(Infinity), alone);
    const chosen = memories(ocmBytes, resident).flatMap((memory) => chooseFor(plansFor(memory), memory - resident)
      .filter((plan) => memory === ocmBytes || alone(plan) <= most)
      .map((plan) => ({ plan, memory })));
    if (chosen.length === 0 && !onChip.includes(true)) none(plansFor(ocmBytes));
    // A plan that less memory also chooses is that one's.
    const own = chosen.filter(({ plan }, i) => chosen.findLastIndex((other) => other.plan === plan) === i);
    return prune(own.map(({ plan, memory }) => variantOf(plan, { onChip, memory, target })));
  });
}

/** All of it, then halves that leave room beside what is resident. */
function memories(ocmBytes: number, resident: number): number[] {
  const found = [ocmBytes];
  for (let memory = ocmBytes / 2; memory >= leastMemory && memory >= resident; memory /= 2) found.push(memory);
  return found;
}

/** All in DDR first; what doesn't fit on chip together is left out. */
function residencies(structure: Ends, ocmBytes: number): boolean[][] {
  const { length } = structure.inputs;
  const both = [false, true];
  const inputs = length <= combinedInputs
    ? Array.from({ length: 2 ** length }, (_, bits) => structure.inputs.map((_, i) => (bits & (1 << i)) !== 0))
    : both.map((flag) => structure.inputs.map(() => flag));
  return inputs
    .flatMap((flags) => both.map((flag) => [...flags, flag]))
    // FP32 edges are the world's, which are in DDR.
    .filter((onChip) => edgesOf(structure).every((edge, i) => !onChip[i]! || edge.dtype !== 'FP32'))
    .filter((onChip) => residentBytes(structure, onChip) <= ocmBytes);
}

function edgesOf(structure: Ends): readonly Edge[] {
  return [...structure.inputs, structure.output];
}

function residentBytes(structure: Ends, onChip: readonly boolean[]): number {
  return edgesOf(structure).reduce((sum, edge, i) => sum + (onChip[i]! ? edgeBytes(edge) : 0), 0);
}

type Cycles = (plan: Plan) => number;
const ahead: Cycles = (plan) => plan.cyclesAhead;
const alone: Cycles = (plan) => plan.cycles;

/** The best for this much room, whether its constants are loaded ahead or not. */
function chooseFor(plans: readonly Plan[], room: number): Plan[] {
  const fitting = plans.filter(({ arenaBytes }) => arenaBytes <= room);
  return fitting.length === 0 ? [] : [...new Set([bestOf(fitting, ahead), bestOf(fitting, alone)])];
}

function bestOf(plans: readonly Plan[], cycles: Cycles): Plan {
  const most = near * leastOf(plans, cycles);
  return plans.filter((plan) => cycles(plan) <= most).reduce((best, plan) => (smaller(plan, best) ? plan : best));
}

function leastOf(plans: readonly Plan[], cycles: Cycles): number {
  return plans.reduce((least, plan) => Math.min(least, cycles(plan)), Infinity);
}

function smaller(a: Plan, b: Plan): boolean {
  return (a.arenaBytes - b.arenaBytes || a.ddrBytes - b.ddrBytes || a.cycles - b.cycles || a.instructions - b.instructions) < 0;
}

function variantOf(plan: Plan, { onChip, memory, target }: { onChip: readonly boolean[]; memory: number; target: Target }): Variant {
  const emitter = new Emitter();
  plan.emit(emitter);
  const { code, relocations, instructions, members } = emitter.finish();
  const waits = dependencies(instructions);
  const { cycles, busy } = timelineOf(instructions, waits, target);
  const { cycles: ahead } = timelineOf(instructions, waits, target, { done: new Set(firstConstants(instructions)) });
  const ddrBytes = { params: 0, load: 0, store: 0 };
  for (const instruction of instructions) {
    if (instruction.engine !== 'sdma') continue;
    const kind = instruction.name === 'store' ? 'store' : instruction.addresses['from']!.space === space.params ? 'params' : 'load';
    ddrBytes[kind] += transferBytes(instruction);
  }
  return { onChip, memoryBytes: memory, arenaBytes: plan.arenaBytes, cycles: { ...busy, total: cycles, ahead }, ddrBytes, code, relocations, ...(members.some((member) => member >= 0) && { members }) };
}

/** Leaves out what another variant beats in every respect. */
function prune(variants: readonly Variant[]): Variant[] {
  const traffic = ({ ddrBytes }: Variant): number => ddrBytes.params + ddrBytes.load + ddrBytes.store;
  const beats = (a: Variant, b: Variant): boolean => a.memoryBytes <= b.memoryBytes && a.arenaBytes <= b.arenaBytes && a.cycles.total <= b.cycles.total && a.cycles.ahead <= b.cycles.ahead && traffic(a) <= traffic(b);
  return variants.filter((one, i) => !variants.some((other, j) => i !== j && beats(other, one) && (!beats(one, other) || j < i)));
}

function tooLarge(structure: GroupStructure, { target, mode, ocmBytes, plans }: TileOptions & { ocmBytes: number; plans: readonly Plan[] }): Fault {
  const needed = plans.reduce((least, plan) => Math.min(least, plan.arenaBytes), Infinity);
  const shapes = edgesOf(structure).map((edge) => `${edge.dtype}[${edge.shape.join(',')}]`);
  return new Fault({
    what: `${structure.kind} ${shapes.slice(0, -1).join(', ')} -> ${shapes.at(-1)}: even its smallest tile does not fit on chip`,
    facts: [['needs', `${needed} bytes`], ['has', `${ocmBytes} bytes (${target.name} ${mode})`], ['try', 'a mode with more on-chip memory']],
  });
}
