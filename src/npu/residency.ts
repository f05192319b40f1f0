// Which edges stay on chip, and which variant of each group runs. Edges are taken in the order of what they save a byte and step of
// on-chip memory, as long as every group still has a variant that fits beside them.
import { addressAlign } from './allocate.ts';
import type { LinkEdge, LinkGroup, Variant } from './object.ts';

export interface Choice {
  /** Of each edge. */
  readonly onChip: readonly boolean[];
  /** Of each group: index into its menu. */
  readonly variants: readonly number[];
  /** On-chip bytes of each step: edges that live, and the group's arena. */
  readonly used: readonly number[];
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
  { budget, without }: { budget: number; without: ReadonlySet<number> },
): Choice | undefined {
  const onChip = edges.map(() => false);
  const held = groups.map(() => 0);
  const arena = groups.map((group) => least(fittingVariants(group, onChip, budget)));
  if (arena.some((bytes) => aligned(bytes) > budget)) return undefined;
  const users = usersOf(groups, edges.length);
  for (const bundle of bundlesOf(groups, { edges, lives, budget })) {
    if (bundle.some((edge) => without.has(edge))) continue;
    const touched = [...new Set(bundle.flatMap((edge) => users[edge]!))];
    for (const edge of bundle) onChip[edge] = true;
    const more = new Map<number, number>();
    for (const edge of bundle) for (let g = lives[edge]!.from; g <= lives[edge]!.to; g++) more.set(g, (more.get(g) ?? 0) + aligned(edges[edge]!.bytes));
    const needs = new Map(touched.map((g) => [g, least(fittingVariants(groups[g]!, onChip, budget))]));
    const fits = [...new Set([...touched, ...more.keys()])].every((g) => held[g]! + (more.get(g) ?? 0) + aligned(needs.get(g) ?? arena[g]!) <= budget);
    if (!fits) {
      for (const edge of bundle) onChip[edge] = false;
      continue;
    }
    for (const [g, bytes] of more) held[g]! += bytes;
    for (const [g, bytes] of needs) arena[g] = bytes;
  }
  return { onChip, ...chooseVariants(groups, onChip, { budget, held }) };
}

/** The fastest variant that fits. One that leaves half of the room to what comes next has its own constants loaded ahead, too. */
function chooseVariants(groups: readonly LinkGroup[], onChip: readonly boolean[], { budget, held }: { budget: number; held: readonly number[] }): Pick<Choice, 'variants' | 'used'> {
  const used: number[] = [];
  const variants = groups.map((group, g) => {
    const room = budget - held[g]!;
    const fitting = fittingVariants(group, onChip, budget).filter(([, variant]) => aligned(variant.arenaBytes) <= room);
    const [index, variant] = fastest(fitting, ({ arenaBytes, cycles }) => (aligned(arenaBytes) <= room / 2 ? cycles.ahead : cycles.total))!;
    used.push(held[g]! + aligned(variant.arenaBytes));
    return index;
  });
  return { variants, used };
}

function fastest(variants: readonly Numbered[], score: (variant: Variant) => number): Numbered | undefined {
  const better = ([, a]: Numbered, [, b]: Numbered): boolean => score(a) < score(b) || (score(a) === score(b) && a.arenaBytes < b.arenaBytes);
  return variants.reduce<Numbered | undefined>((best, one) => (best === undefined || better(one, best) ? one : best), undefined);
}

type Numbered = readonly [number, Variant];

/** Variants written for exactly this residency, and for so much memory: what a chip with more has besides doesn't count. */
function fittingVariants({ menu, inputs, output }: LinkGroup, onChip: readonly boolean[], budget: number): Numbered[] {
  const flags = [...inputs, output].map((edge) => onChip[edge]!);
  return menu.variants.map((variant, i): Numbered => [i, variant]).filter(([, variant]) => variant.memoryBytes <= budget && variant.onChip.every((flag, i) => flag === flags[i]));
}

function least(variants: readonly Numbered[]): number {
  return variants.reduce((bytes, [, variant]) => Math.min(bytes, variant.arenaBytes), Infinity);
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / addressAlign) * addressAlign;
}

function usersOf(groups: readonly LinkGroup[], edges: number): number[][] {
  const users: number[][] = Array.from({ length: edges }, () => []);
  groups.forEach(({ inputs, output }, g) => new Set([...inputs, output]).forEach((edge) => users[edge]!.push(g)));
  return users;
}

/** Inner edges that go on chip together (a group may only know all of its inputs or none), best saving first. */
function bundlesOf(groups: readonly LinkGroup[], { edges, lives, budget }: { edges: readonly LinkEdge[]; lives: readonly Life[]; budget: number }): number[][] {
  const head = edges.map((_, i) => i);
  const find = (i: number): number => (head[i] === i ? i : (head[i] = find(head[i]!)));
  for (const { menu, inputs } of groups) {
    const mixed = menu.variants.some(({ onChip, memoryBytes }) => memoryBytes <= budget && inputs.some((_, i) => onChip[i] !== onChip[0]));
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

