// Where a unit's data is: on chip or in swap, and at which addresses.
import type { Target } from '../targets/target.ts';
import { allocate } from './allocate.ts';
import { transferBytes } from './cost.ts';
import type { Decoded } from './decode.ts';
import type { Address } from './encode.ts';
import { space } from './isa.ts';
import type { LinkEdge, LinkGroup, Variant } from './object.ts';
import { firstConstants } from './order.ts';
import { stepsAhead } from './prefetch.ts';
import { aligned, chooseResidency, type Choice, type Life } from './residency.ts';

export interface Unit {
  readonly groups: readonly LinkGroup[];
  readonly edges: readonly LinkEdge[];
  readonly lives: readonly Life[];
  /** What plans are chosen by: the rates of one engine set, however many the mode has, and of all of DDR. */
  readonly row: Target;
  /** A variant's instructions, decoded once. */
  readonly objectOf: (variant: Variant) => readonly Decoded[];
}

interface Extent {
  readonly peak: number;
  readonly live: number;
}

export interface MemoryPlan {
  readonly choice: Choice;
  /** Of each group's first loads of constants: the step that it moves up to. */
  readonly steps: readonly (readonly number[])[];
  /** Where each edge is in on-chip memory or swap; undefined for the runtime's. */
  readonly offsets: readonly (number | undefined)[];
  readonly arenas: readonly number[];
  readonly ocm: Extent;
  readonly swap: Extent;
}

/**
 * A residency whose addresses fit: where gaps between lifetimes take too much, edges give way first. Constants then come as many groups ahead as
 * addresses can be found for. Undefined when a group has no variant for so little memory.
 */
export function planMemory(unit: Unit, budget: number): MemoryPlan | undefined {
  const without = new Set<number>();
  for (;;) {
    const choice = chooseResidency(unit, { budget, without });
    if (choice === undefined) return undefined;
    const plain = place(unit, choice, { budget, most: 0 });
    if (plain.ocm.peak <= budget) return streamed(unit, choice, budget) ?? plain;
    const last = unit.edges.findLastIndex((_, edge) => choice.onChip[edge]);
    if (last < 0) throw new Error('BUG: arenas alone do not fit');
    without.add(largest(unit, choice));
  }
}

/** How many groups ahead constants may go at most. */
const reaches = [Infinity, 4, 1];

function streamed(unit: Unit, choice: Choice, budget: number): MemoryPlan | undefined {
  for (const most of reaches) {
    const plan = place(unit, choice, { budget, most });
    if (plan.ocm.peak <= budget) return plan;
  }
  return undefined;
}

/** The edge that holds most memory for the longest. */
function largest({ edges, lives }: Unit, { onChip }: Choice): number {
  const weight = (edge: number): number => (onChip[edge]! ? edges[edge]!.bytes * (lives[edge]!.to - lives[edge]!.from + 1) : -1);
  return edges.reduce((best, _, edge) => (weight(edge) > weight(best) ? edge : best), 0);
}

function place({ groups, edges, lives, row, objectOf }: Unit, choice: Choice, { budget, most }: { budget: number; most: number }): MemoryPlan {
  const inner = edges.flatMap((edge, i) => (edge.role === 'inner' ? [i] : []));
  const item = (i: number) => ({ bytes: edges[i]!.bytes, from: lives[i]!.from, to: lives[i]!.to });
  const resident = inner.filter((i) => choice.onChip[i]!);
  const swapped = inner.filter((i) => !choice.onChip[i]!);
  const chosen = groups.map(({ menu }, g) => menu.variants[choice.variants[g]!]!);
  const waiting = chosen.map((variant) => ({ arenaBytes: aligned(variant.arenaBytes), loads: firstConstants(objectOf(variant)).map(transferBytes) }));
  const steps = stepsAhead(waiting, { used: choice.used, budget, windowBytes: row.weightWindowBytes, most });
  const arenas = chosen.map(({ arenaBytes }, g) => ({ bytes: arenaBytes, from: Math.min(g, ...steps[g]!), to: g }));
  const ocm = allocate([...resident.map(item), ...arenas], { enough: budget });
  const swap = allocate(swapped.map(item));
  const offsets = new Array<number | undefined>(edges.length).fill(undefined);
  resident.forEach((edge, i) => (offsets[edge] = ocm.offsets[i]!));
  swapped.forEach((edge, i) => (offsets[edge] = swap.offsets[i]!));
  return { choice, steps, offsets, arenas: ocm.offsets.slice(resident.length), ocm, swap };
}

/** Runtime inputs and outputs are numbered in the order of the edges. */
export function residences({ edges }: Unit, { choice, offsets }: MemoryPlan): Address[] {
  const next = { input: space.input as number, output: space.output as number };
  return edges.map(({ role }, i) => {
    if (role !== 'inner') return { space: next[role]++, offset: 0 };
    return { space: choice.onChip[i]! ? space.ocm : space.swap, offset: offsets[i]! };
  });
}
