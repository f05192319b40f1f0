// Makes one program of a unit's groups: residency, variants, addresses, order, waits. Starts from nothing every time, so that an
// incremental build and a cold one can't differ.
import { inMode, modeOf } from '../targets/mode.ts';
import { allocate } from './allocate.ts';
import { transferBytes } from './cost.ts';
import { decode, type Decoded } from './decode.ts';
import { dependencies, type Waits } from './dependencies.ts';
import type { Address } from './encode.ts';
import { space } from './isa.ts';
import type { LinkEdge, LinkGroup, LinkOptions, Program, ProgramStats, Residence } from './object.ts';
import { orderInstructions, type Placed } from './order.ts';
import { patch } from './patch.ts';
import { chooseResidency, livesOf, type Choice, type Life } from './residency.ts';
import { schedule } from './schedule.ts';

/** Groups in an order in which producers come before consumers. */
export function link(groups: readonly LinkGroup[], edges: readonly LinkEdge[], { target, mode, ocmBytes }: LinkOptions): Program {
  const row = inMode(target, mode);
  const unit: Unit = { groups, edges, lives: livesOf(groups, edges), ddrBytesPerCycle: row.ddrBytesPerCycle };
  const budget = Math.min(ocmBytes ?? Infinity, modeOf(target, mode).ocmBytes);
  const plan = planMemory(unit, budget);
  const constantOffsets = running(groups.map((group) => group.menu.constantBytes));
  const where = residences(unit, plan);

  const objects = groups.map((group, g) => {
    const variant = group.menu.variants[plan.choice.variants[g]!]!;
    const own = decode(variant.code);
    const bases = { arena: plan.arenas[g]!, constants: constantOffsets[g]!, inputs: group.inputs.map((edge) => where[edge]!), output: where[group.output]! };
    return { own, code: patch(variant, own, { bases, scalars: group.scalars }) };
  });
  const placed = orderInstructions(objects.map(({ own }) => own), plan.choice.early);
  const code = assemble(placed, objects.map((object) => object.code));
  const instructions = decode(code);
  const waits = dependencies(instructions);
  writeWaits(code, instructions, waits);

  const { cycles, busy, overlapCycles } = schedule(instructions, waits, row);
  const stats: ProgramStats = {
    cycles, busy, overlapCycles,
    ddrBytes: trafficOf(instructions),
    macs: groups.reduce((sum, { menu }) => sum + menu.macs, 0),
    ocmPeak: plan.ocm.peak, ocmLive: plan.ocm.live, swapPeak: plan.swap.peak, swapLive: plan.swap.live,
  };
  const ofRole = (role: LinkEdge['role']) => edges.filter((edge) => edge.role === role).map(({ bytes }) => ({ bytes }));
  return {
    code,
    paramsBytes: constantOffsets.at(-1)!,
    constantOffsets: constantOffsets.slice(0, -1),
    swapBytes: plan.swap.peak,
    ocmBytes: plan.ocm.peak,
    inputs: ofRole('input'),
    outputs: ofRole('output'),
    edges: completions(unit, placed, where),
    chosen: plan.choice.variants,
    stats,
  };
}

interface Unit {
  readonly groups: readonly LinkGroup[];
  readonly edges: readonly LinkEdge[];
  readonly lives: readonly Life[];
  readonly ddrBytesPerCycle: number;
}

interface Extent {
  readonly peak: number;
  readonly live: number;
}

interface MemoryPlan {
  readonly choice: Choice;
  /** Where each edge is in on-chip memory or swap; undefined for the runtime's. */
  readonly offsets: readonly (number | undefined)[];
  readonly arenas: readonly number[];
  readonly ocm: Extent;
  readonly swap: Extent;
}

/** A residency whose addresses fit: what doesn't, for the gaps between lifetimes, gives up loading ahead first, then edges. */
function planMemory(unit: Unit, budget: number): MemoryPlan {
  const without = new Set<number>();
  for (;;) {
    const choice = chooseResidency(unit, { budget, without, ddrBytesPerCycle: unit.ddrBytesPerCycle });
    if (choice === undefined) throw new Error(`BUG: a group has no variant for ${budget} bytes`);
    for (const early of [choice.early, choice.early.map(() => false)]) {
      const plan = place(unit, { ...choice, early });
      if (plan.ocm.peak <= budget) return plan;
    }
    const last = unit.edges.findLastIndex((_, edge) => choice.onChip[edge]);
    if (last < 0) throw new Error('BUG: arenas alone do not fit');
    without.add(largest(unit, choice));
  }
}

/** The edge that holds most memory for the longest. */
function largest({ edges, lives }: Unit, { onChip }: Choice): number {
  const weight = (edge: number): number => (onChip[edge]! ? edges[edge]!.bytes * (lives[edge]!.to - lives[edge]!.from + 1) : -1);
  return edges.reduce((best, _, edge) => (weight(edge) > weight(best) ? edge : best), 0);
}

function place({ groups, edges, lives }: Unit, choice: Choice): MemoryPlan {
  const inner = edges.flatMap((edge, i) => (edge.role === 'inner' ? [i] : []));
  const item = (i: number) => ({ bytes: edges[i]!.bytes, from: lives[i]!.from, to: lives[i]!.to });
  const resident = inner.filter((i) => choice.onChip[i]!);
  const swapped = inner.filter((i) => !choice.onChip[i]!);
  const arenas = groups.map(({ menu }, g) => ({ bytes: menu.variants[choice.variants[g]!]!.arenaBytes, from: choice.early[g]! ? g - 1 : g, to: g }));
  const ocm = allocate([...resident.map(item), ...arenas]);
  const swap = allocate(swapped.map(item));
  const offsets = new Array<number | undefined>(edges.length).fill(undefined);
  resident.forEach((edge, i) => (offsets[edge] = ocm.offsets[i]!));
  swapped.forEach((edge, i) => (offsets[edge] = swap.offsets[i]!));
  return { choice, offsets, arenas: ocm.offsets.slice(resident.length), ocm, swap };
}

/** Runtime inputs and outputs are numbered in the order of the edges. */
function residences({ edges }: Unit, { choice, offsets }: MemoryPlan): Address[] {
  const next = { input: space.input as number, output: space.output as number };
  return edges.map(({ role }, i) => {
    if (role !== 'inner') return { space: next[role]++, offset: 0 };
    return { space: choice.onChip[i]! ? space.ocm : space.swap, offset: offsets[i]! };
  });
}

const paramsAlign = 16;

/** Start of each part, and the end of all. */
function running(sizes: readonly number[]): number[] {
  const starts = [0];
  for (const bytes of sizes) starts.push(starts.at(-1)! + Math.ceil(bytes / paramsAlign) * paramsAlign);
  return starts;
}

function assemble(placed: readonly Placed[], codes: readonly Uint32Array[]): Uint32Array {
  const code = new Uint32Array(placed.reduce((sum, { instruction }) => sum + instruction.form.words, 0));
  let word = 0;
  for (const { group, instruction } of placed) {
    code.set(codes[group]!.subarray(instruction.at, instruction.at + instruction.form.words), word);
    word += instruction.form.words;
  }
  return code;
}

function writeWaits(code: Uint32Array, instructions: readonly Decoded[], waits: Waits): void {
  instructions.forEach(({ at }, i) => code.set(waits[i]!, at + 1));
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
