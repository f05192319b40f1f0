// Makes one program of a unit's groups: residency, variants, addresses, order, waits. Starts from nothing every time, so that an
// incremental build and a cold one can't differ.
import { isDeepStrictEqual } from 'node:util';
import { inMode, modeOf } from '../targets/mode.ts';
import type { Target } from '../targets/target.ts';
import { transferBytes } from './cost.ts';
import { decode, type Decoded } from './decode.ts';
import { dependencies } from './dependencies.ts';
import type { Address } from './encode.ts';
import { space } from './isa.ts';
import type { LinkEdge, LinkGroup, LinkOptions, Program, ProgramStats, Residence, Variant } from './object.ts';
import { orderInstructions, ownersOf, type Placed } from './order.ts';
import { patch } from './patch.ts';
import { planMemory, residences, type MemoryPlan, type Unit } from './plan-memory.ts';
import { livesOf } from './residency.ts';
import { schedule, timelineOf, type Schedule } from './schedule.ts';

/** Groups in an order in which producers come before consumers. */
export function link(groups: readonly LinkGroup[], edges: readonly LinkEdge[], { target, mode, ocmBytes, ddrBytesPerCycle }: LinkOptions): Program {
  const unit: Unit = { groups, edges, lives: livesOf(groups, edges), row: target, objectOf: decodedOnce() };
  const row = inMode(target, mode, ddrBytesPerCycle);
  const { plan, code, placed, instructions, times } = fastest(unit, { budget: Math.min(ocmBytes ?? Infinity, modeOf(target, mode).ocmBytes), row });
  const ofRole = (role: LinkEdge['role']) => edges.filter((edge) => edge.role === role).map(({ bytes }) => ({ bytes }));
  const stats: ProgramStats = {
    cycles: times.cycles, busy: times.busy, overlapCycles: times.overlapCycles,
    ddrBytes: trafficOf(instructions),
    macs: groups.reduce((sum, { menu }) => sum + menu.macs, 0),
    ocmPeak: plan.ocm.peak, ocmLive: plan.ocm.live, swapPeak: plan.swap.peak, swapLive: plan.swap.live,
  };
  return {
    code,
    paramsBytes: constantStarts(unit).at(-1)!,
    constantOffsets: constantStarts(unit).slice(0, -1),
    swapBytes: plan.swap.peak,
    ocmBytes: plan.ocm.peak,
    inputs: ofRole('input'),
    outputs: ofRole('output'),
    edges: completions(unit, placed, residences(unit, plan)),
    chosen: plan.choice.variants,
    owners: ownersOf(placed),
    stats,
  };
}

/** Larger programs are planned once: they have too many tiles for one choice to matter. */
const ladderInstructions = 3000;
/** After so many halves in a row that are no faster, no smaller one was ever seen to be. */
const patience = 2;

/**
 * Plans for all of the budget, then for halves of it as long as they could be faster: what a choice does to the overlap of neighbours is known only
 * when the whole is scheduled. Which plans there are depends neither on the mode's sets nor on its share of DDR, and more memory only adds some: so
 * more of either never makes the fastest one slower.
 */
function fastest(unit: Unit, { budget, row }: { budget: number; row: Target }): Linked {
  let best: Linked | undefined;
  // By the rates that plans are made by, so that which plans there are doesn't depend on the mode or its DDR.
  let shortest = Infinity;
  let misses = 0;
  for (let share = budget; best === undefined || (misses < patience && leastCycles(unit, share, row) < best.times.cycles); share /= 2) {
    const plan = planMemory(unit, share);
    if (plan === undefined) break;
    if (best !== undefined && isSame(plan, best.plan)) continue;
    const linked = assemble(unit, plan, row);
    misses = linked.planned < shortest ? 0 : misses + 1;
    shortest = Math.min(shortest, linked.planned);
    if (best === undefined || linked.times.cycles < best.times.cycles) best = linked;
    if (linked.instructions.length > ladderInstructions) break;
  }
  if (best === undefined) throw new Error(`BUG: a group has no variant for ${budget} bytes`);
  return best;
}

/** No plan for so much memory is shorter: groups compute one after the other, each at best spread over all sets without loss. */
function leastCycles({ groups, row: { arrays } }: Unit, memory: number, row: Target): number {
  const least = groups.map(({ menu }) => menu.variants.reduce((cycles, { memoryBytes, cycles: { conv, teng, cv } }) => (memoryBytes <= memory ? Math.min(cycles, Math.max(conv, teng, cv)) : cycles), Infinity));
  const computing = least.filter((cycles) => cycles > 0);
  return computing.reduce((sum, cycles) => sum + (cycles * arrays) / row.arrays, 0) + Math.max(0, computing.length - 1) * row.handoverCycles;
}

function decodedOnce(): Unit['objectOf'] {
  const known = new Map<Variant, readonly Decoded[]>();
  return (variant) => {
    const found = known.get(variant) ?? decode(variant.code);
    known.set(variant, found);
    return found;
  };
}

function isSame(a: MemoryPlan, b: MemoryPlan): boolean {
  return isDeepStrictEqual([a.choice.onChip, a.choice.variants, a.steps], [b.choice.onChip, b.choice.variants, b.steps]);
}

interface Linked {
  readonly plan: MemoryPlan;
  readonly code: Uint32Array;
  readonly placed: readonly Placed[];
  readonly instructions: readonly Decoded[];
  readonly times: Schedule;
  /** Cycles by the rates of one set and all of DDR. */
  readonly planned: number;
}

function assemble(unit: Unit, plan: MemoryPlan, row: Target): Linked {
  const where = residences(unit, plan);
  const starts = constantStarts(unit);
  const objects = unit.groups.map((group, g) => {
    const variant = group.menu.variants[plan.choice.variants[g]!]!;
    const own = unit.objectOf(variant);
    const bases = { arena: plan.arenas[g]!, constants: starts[g]!, inputs: group.inputs.map((edge) => where[edge]!), output: where[group.output]! };
    return { own, code: patch(variant, own, { bases, scalars: group.scalars }) };
  });
  const placed = orderInstructions(objects.map(({ own }) => own), plan.steps);
  const code = concatenate(placed, objects.map((object) => object.code));
  const instructions = decode(code);
  const waits = dependencies(instructions);
  instructions.forEach(({ at }, i) => code.set(waits[i]!, at + 1));
  const owners = placed.map(({ group }) => group);
  return { plan, code, placed, instructions, times: schedule(instructions, waits, row, { owners }), planned: timelineOf(instructions, waits, unit.row, { owners }).cycles };
}

const paramsAlign = 16;

/** Start of each group's constants in params, and the end of all. */
function constantStarts({ groups }: Unit): number[] {
  const starts = [0];
  for (const { menu } of groups) starts.push(starts.at(-1)! + Math.ceil(menu.constantBytes / paramsAlign) * paramsAlign);
  return starts;
}

function concatenate(placed: readonly Placed[], codes: readonly Uint32Array[]): Uint32Array {
  const code = new Uint32Array(placed.reduce((sum, { instruction }) => sum + instruction.form.words, 0));
  let word = 0;
  for (const { group, instruction } of placed) {
    code.set(codes[group]!.subarray(instruction.at, instruction.at + instruction.form.words), word);
    word += instruction.form.words;
  }
  return code;
}

function trafficOf(instructions: readonly Decoded[]): ProgramStats['ddrBytes'] {
  const bytes = { params: 0, load: 0, store: 0 };
  for (const instruction of instructions) {
    if (instruction.engine !== 'sdma') continue;
    const kind = instruction.name === 'store' ? 'store' : instruction.addresses['from']!.space === space.params ? 'params' : 'load';
    bytes[kind] += transferBytes(instruction);
  }
  return bytes;
}

/** Where each edge is, and the last instruction that writes it; -1 for what the runtime provides. */
function completions({ groups, edges }: Unit, placed: readonly Placed[], where: readonly Address[]): Residence[] {
  const last = edges.map(() => -1);
  placed.forEach(({ group, instruction }, i) => {
    const writes = Object.entries(instruction.addresses).some(([, address]) => address.space === space.output);
    if (writes) last[groups[group]!.output] = i;
  });
  return edges.map((_, edge) => ({ ...where[edge]!, completeAfter: last[edge]! }));
}
