// Where a unit's data is: on chip or in swap, and at which addresses.
import type { Target } from '../targets/target.ts';
import { allocate } from './allocate.ts';
import type { Address } from './encode.ts';
import { space } from './isa.ts';
import type { LinkEdge, LinkGroup } from './object.ts';
import { chooseResidency, type Choice, type Life } from './residency.ts';

export interface Unit {
  readonly groups: readonly LinkGroup[];
  readonly edges: readonly LinkEdge[];
  readonly lives: readonly Life[];
  /** The target's rates in this mode. */
  readonly row: Target;
}

interface Extent {
  readonly peak: number;
  readonly live: number;
}

export interface MemoryPlan {
  readonly choice: Choice;
  /** Where each edge is in on-chip memory or swap; undefined for the runtime's. */
  readonly offsets: readonly (number | undefined)[];
  readonly arenas: readonly number[];
  readonly ocm: Extent;
  readonly swap: Extent;
}

/**
 * A residency whose addresses fit: what doesn't, for the gaps between lifetimes, gives up loading ahead first, then edges. Undefined when a
 * group has no variant for so little memory.
 */
export function planMemory(unit: Unit, budget: number): MemoryPlan | undefined {
  const without = new Set<number>();
  for (;;) {
    const choice = chooseResidency(unit, { budget, without, ddrBytesPerCycle: unit.row.ddrBytesPerCycle });
    if (choice === undefined) return undefined;
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
export function residences({ edges }: Unit, { choice, offsets }: MemoryPlan): Address[] {
  const next = { input: space.input as number, output: space.output as number };
  return edges.map(({ role }, i) => {
    if (role !== 'inner') return { space: next[role]++, offset: 0 };
    return { space: choice.onChip[i]! ? space.ocm : space.swap, offset: offsets[i]! };
  });
}
