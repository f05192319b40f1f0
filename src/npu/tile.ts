// Plans one group for a target: the variants worth having, for every residency of its edges and falling limits of arena. Reads structure
// only: no scale, weight, name or position.
import { Fault } from '../base/fault.ts';
import type { Edge, GroupStructure } from '../ops/group.ts';
import type { Target } from '../targets/target.ts';
import { inMode, modeOf } from '../targets/mode.ts';
import { constantLayout } from './constants.ts';
import { transferBytes } from './cost.ts';
import { dependencies } from './dependencies.ts';
import { Emitter } from './emit.ts';
import { space } from './isa.ts';
import { loweringOf } from './lower/index.ts';
import type { Plan, Planner } from './lower/lowering.ts';
import { edgeBytes } from './memory.ts';
import type { Menu, Variant } from './object.ts';
import { timelineOf } from './schedule.ts';

export interface TileOptions {
  readonly target: Target;
  readonly mode: string;
  /** enable_slice_mode: two slices or more, through two buffers, wherever there are such plans. */
  readonly sliced?: boolean;
}

/** Groups with more inputs get two residencies of all inputs together instead of every combination. */
const combinedInputs = 2;
/** A variant that takes this many times the best one's cycles saves no memory worth having. */
const slowest = 2;
/** Within this much of the best, the smaller arena is better: it leaves room to load ahead. */
const near = 1.01;
/** Code longer than this, in instructions, is written only where nothing shorter fits. */
const longest = 128;
/** An arena of this share of on-chip memory is small enough: next to it a smaller one leaves no room worth the cycles. */
const smallest = 1 / 64;

export function tile(structure: GroupStructure, options: TileOptions): Menu {
  const target = inMode(options.target, options.mode);
  const { ocmBytes } = modeOf(options.target, options.mode);
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

/** `none`: called where not even the smallest plan fits with every edge in DDR. `target` in its mode. */
export function variantsOf(ends: Ends, plan: Planner, { target, ocmBytes }: { target: Target; ocmBytes: number }, none: (plans: readonly Plan[]) => void): Variant[] {
  return residencies(ends, ocmBytes).flatMap((onChip) => {
    const room = ocmBytes - residentBytes(ends, onChip);
    const plans = plan({ onChip, room });
    const chosen = choose(plans, { room, least: smallest * ocmBytes });
    if (chosen.length === 0 && !onChip.includes(true)) none(plans);
    return prune(chosen.map((one) => variantOf(one, onChip, target)));
  });
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

/** Good plans under each limit of arena: all the room there is, then falling powers of four. */
function choose(plans: readonly Plan[], { room, least }: { room: number; least: number }): Plan[] {
  const chosen: Plan[] = [];
  const found = new Map<Cycles, Choice>();
  for (const limit of limitsBelow(room, least)) {
    for (const cycles of [ahead, alone]) {
      // As long as the fastest plan fits, a smaller limit changes nothing.
      const known = found.get(cycles);
      if (known !== undefined && known.fastest.arenaBytes <= limit) continue;
      const choice = bestWithin(plans, { limit, cycles });
      if (choice === undefined) return chosen;
      found.set(cycles, choice);
      const { best } = choice;
      if (chosen.includes(best)) continue;
      const first = chosen[0] ?? best;
      if (best !== first && (cycles(best) > slowest * cycles(first) || best.instructions > longest)) return chosen;
      chosen.push(best);
    }
  }
  return chosen;
}

type Cycles = (plan: Plan) => number;
const ahead: Cycles = (plan) => plan.cyclesAhead;
const alone: Cycles = (plan) => plan.cycles;

function limitsBelow(room: number, least: number): number[] {
  const limits = [room];
  for (let power = 2 ** 30; power >= least; power /= 4) if (power < room) limits.push(power);
  return limits;
}

interface Choice {
  readonly fastest: Plan;
  readonly best: Plan;
}

function bestWithin(plans: readonly Plan[], { limit, cycles }: { limit: number; cycles: Cycles }): Choice | undefined {
  let fastest: Plan | undefined;
  for (const plan of plans) if (plan.arenaBytes <= limit && (fastest === undefined || cycles(plan) < cycles(fastest))) fastest = plan;
  if (fastest === undefined) return undefined;
  const most = near * cycles(fastest);
  let best: Plan | undefined;
  for (const plan of plans) if (plan.arenaBytes <= limit && cycles(plan) <= most && (best === undefined || smaller(plan, best))) best = plan;
  return { fastest, best: best ?? fastest };
}

function smaller(a: Plan, b: Plan): boolean {
  return (a.arenaBytes - b.arenaBytes || a.ddrBytes - b.ddrBytes || a.cycles - b.cycles || a.instructions - b.instructions) < 0;
}

function variantOf(plan: Plan, onChip: readonly boolean[], target: Target): Variant {
  const emitter = new Emitter();
  plan.emit(emitter);
  const { code, relocations, instructions, members } = emitter.finish();
  const { cycles, busy } = timelineOf(instructions, dependencies(instructions), target);
  const ddrBytes = { params: 0, load: 0, store: 0 };
  for (const instruction of instructions) {
    if (instruction.engine !== 'sdma') continue;
    const kind = instruction.name === 'store' ? 'store' : instruction.addresses['from']!.space === space.params ? 'params' : 'load';
    ddrBytes[kind] += transferBytes(instruction);
  }
  return { onChip, arenaBytes: plan.arenaBytes, cycles: { ...busy, total: cycles }, ddrBytes, code, relocations, ...(members.some((member) => member >= 0) && { members }) };
}

/** Leaves out what another variant beats in every respect. Largest arena first. */
function prune(variants: readonly Variant[]): Variant[] {
  const traffic = ({ ddrBytes }: Variant): number => ddrBytes.params + ddrBytes.load + ddrBytes.store;
  const beats = (a: Variant, b: Variant): boolean => a.arenaBytes <= b.arenaBytes && a.cycles.total <= b.cycles.total && traffic(a) <= traffic(b);
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
