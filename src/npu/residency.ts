// Which edges stay on chip, and which variant of each group runs. Edges are taken in the order of what they save a byte and step of
// on-chip memory, as long as every group still has a variant that fits beside them.
import { addressAlign } from './allocate.ts';
import type { LinkEdge, LinkGroup, Variant } from './object.ts';

export interface Choice {
  /** Of each edge. */
  readonly onChip: readonly boolean[];
  /** Of each group: index into its menu. */
  readonly variants: readonly number[];
  /** Of each group: its arena is free already while the group before it runs, so that its constants can be loaded then. */
  readonly early: readonly boolean[];
  /** Memory limited nothing: every edge on chip, every group in its fastest form, every arena free ahead. Less memory can't be faster. */
  readonly isFree: boolean;
}

/** Steps are groups: an edge is born with its producer and dies with its last consumer. */
export interface Life {
  readonly from: number;
  readonly to: number;
  readonly uses: number;
}

export function livesOf(groups: readonly LinkGroup[], edges: readonly LinkEdge[]): Life[] {
  const lives = edges.map(() => ({ from: 0, to: -1, uses: 0 }));
  groups.forEach(({ inputs, output }, g) => {
    lives[output]!.from = g;
    lives[output]!.to = Math.max(lives[output]!.to, g);
    for (const input of inputs) {
      lives[input]!.to = g;
      lives[input]!.uses++;
    }
  });
  return lives;
}

/** `without`: edges that must not be on chip. Undefined when a group fits in no way. */
export function chooseResidency(
  { groups, edges, lives }: { groups: readonly LinkGroup[]; edges: readonly LinkEdge[]; lives: readonly Life[] },
  { budget, without, ddrBytesPerCycle }: { budget: number; without: ReadonlySet<number>; ddrBytesPerCycle: number },
): Choice | undefined {
  const onChip = edges.map(() => false);
  const held = groups.map(() => 0);
  const arena = groups.map((group) => least(fittingVariants(group, onChip)));
  if (arena.some((bytes) => aligned(bytes) > budget)) return undefined;
  const users = usersOf(groups, edges.length);
  for (const bundle of bundlesOf(groups, { edges, lives })) {
    if (bundle.some((edge) => without.has(edge))) continue;
    const touched = [...new Set(bundle.flatMap((edge) => users[edge]!))];
    for (const edge of bundle) onChip[edge] = true;
    const more = new Map<number, number>();
    for (const edge of bundle) for (let g = lives[edge]!.from; g <= lives[edge]!.to; g++) more.set(g, (more.get(g) ?? 0) + aligned(edges[edge]!.bytes));
    const needs = new Map(touched.map((g) => [g, least(fittingVariants(groups[g]!, onChip))]));
    const fits = [...new Set([...touched, ...more.keys()])].every((g) => held[g]! + (more.get(g) ?? 0) + aligned(needs.get(g) ?? arena[g]!) <= budget);
    if (!fits) {
      for (const edge of bundle) onChip[edge] = false;
      continue;
    }
    for (const [g, bytes] of more) held[g]! += bytes;
    for (const [g, bytes] of needs) arena[g] = bytes;
  }
  const chosen = chooseVariants(groups, onChip, { budget, held, ddrBytesPerCycle });
  return { onChip, ...chosen, isFree: chosen.isFree && edges.every(({ role }, edge) => role !== 'inner' || onChip[edge]) };
}

/** The fastest variant that fits; one that leaves half of the room to the next group's constants if it costs little. */
function chooseVariants(
  groups: readonly LinkGroup[],
  onChip: readonly boolean[],
  { budget, held, ddrBytesPerCycle }: { budget: number; held: readonly number[]; ddrBytesPerCycle: number },
): Pick<Choice, 'variants' | 'early' | 'isFree'> {
  const arenas: number[] = [];
  // DMA cycles that the group before leaves free.
  let slack = 0;
  let isFree = true;
  const variants = groups.map((group, g) => {
    // Constants are loaded in them; what is left is at least what the busiest engine takes.
    const score = ({ cycles, ddrBytes }: Variant): number => Math.max(cycles.total - Math.min(slack, ddrBytes.params / ddrBytesPerCycle), cycles.conv, cycles.teng, cycles.cv, cycles.sdma - slack);
    const fastest = (variants: readonly Numbered[]): Numbered | undefined =>
      variants.reduce<Numbered | undefined>((a, b) => (a === undefined || score(b[1]) < score(a[1]) || (score(b[1]) === score(a[1]) && b[1].arenaBytes < a[1].arenaBytes) ? b : a), undefined);
    const room = budget - held[g]!;
    const all = fittingVariants(group, onChip);
    const fitting = all.filter(([, variant]) => aligned(variant.arenaBytes) <= room);
    const best = fastest(fitting)!;
    const modest = fastest(fitting.filter(([, variant]) => aligned(variant.arenaBytes) <= room / 2));
    const [index, variant] = modest !== undefined && score(modest[1]) <= patience * score(best[1]) ? modest : best;
    isFree &&= index === fastest(all)![0];
    slack = variant.cycles.total - variant.cycles.sdma;
    arenas.push(aligned(variant.arenaBytes));
    return index;
  });
  // While the group before runs, its arena and what it has on chip are there too.
  const early = groups.map(({ menu }, g) => g > 0 && menu.constantBytes > 0 && held[g - 1]! + arenas[g - 1]! + arenas[g]! <= budget);
  return { variants, early, isFree: isFree && early.every((is, g) => is || g === 0 || groups[g]!.menu.constantBytes === 0) };
}

const patience = 1.1;

type Numbered = readonly [number, Variant];

/** Variants written for exactly this residency. */
function fittingVariants({ menu, inputs, output }: LinkGroup, onChip: readonly boolean[]): Numbered[] {
  const flags = [...inputs, output].map((edge) => onChip[edge]!);
  return menu.variants.map((variant, i): Numbered => [i, variant]).filter(([, variant]) => variant.onChip.every((flag, i) => flag === flags[i]));
}

function least(variants: readonly Numbered[]): number {
  return variants.reduce((bytes, [, variant]) => Math.min(bytes, variant.arenaBytes), Infinity);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / addressAlign) * addressAlign;
}

function usersOf(groups: readonly LinkGroup[], edges: number): number[][] {
  const users: number[][] = Array.from({ length: edges }, () => []);
  groups.forEach(({ inputs, output }, g) => new Set([...inputs, output]).forEach((edge) => users[edge]!.push(g)));
  return users;
}

/** Inner edges that go on chip together (a group may only know all of its inputs or none), best saving first. */
function bundlesOf(groups: readonly LinkGroup[], { edges, lives }: { edges: readonly LinkEdge[]; lives: readonly Life[] }): number[][] {
  const head = edges.map((_, i) => i);
  const find = (i: number): number => (head[i] === i ? i : (head[i] = find(head[i]!)));
  for (const { menu, inputs } of groups) {
    const mixed = menu.variants.some(({ onChip }) => inputs.some((_, i) => onChip[i] !== onChip[0]));
    if (!mixed) inputs.forEach((input) => (head[find(input)] = find(inputs[0]!)));
  }
  const bundles = new Map<number, number[]>();
  edges.forEach((_, i) => bundles.set(find(i), [...(bundles.get(find(i)) ?? []), i]));
  const scored = [...bundles.values()]
    .filter((bundle) => bundle.every((edge) => edges[edge]!.role === 'inner'))
    .map((bundle) => {
      const saved = bundle.reduce((sum, edge) => sum + edges[edge]!.bytes * (1 + lives[edge]!.uses), 0);
      const held = bundle.reduce((sum, edge) => sum + edges[edge]!.bytes * (lives[edge]!.to - lives[edge]!.from + 1), 0);
      return { bundle, saved, density: held === 0 ? 0 : saved / held };
    });
  return scored.sort((a, b) => b.density - a.density || b.saved - a.saved || a.bundle[0]! - b.bundle[0]!).map(({ bundle }) => bundle);
}

