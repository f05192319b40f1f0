// Tile mode: links a unit with chains in place of groups where that is better, and tells the result in the unit's own numbers.
import { modeOf } from '../targets/mode.ts';
import { memberScalar } from './emit.ts';
import { space } from './isa.ts';
import { link } from './link.ts';
import { plainVariant, type LinkEdge, type LinkGroup, type LinkOptions, type Menu, type Program } from './object.ts';
import type { FoundChain } from './chains.ts';

export interface LinkChain extends FoundChain {
  readonly menu: Menu;
}

/**
 * One chain after the other, those first that save most when nothing is on chip; each is kept where the program is faster with it, or as fast
 * and moves less. That is weighed by the rates of one engine set and all of DDR, as all plans are; what comes of it competes with the unit without
 * chains by the mode's own.
 */
export function linkChains(groups: readonly LinkGroup[], edges: readonly LinkEdge[], chains: readonly LinkChain[], options: LinkOptions): Program {
  const saved = new Map(chains.filter(({ menu }) => menu.variants.length > 0).map((chain) => [chain, savedBy(chain, groups)]));
  if (saved.size === 0) return link(groups, edges, options);
  const planning = planningOptions(options);
  let best = { program: link(groups, edges, planning), chains: [] as readonly LinkChain[] };
  const plain = best.program;
  for (const chain of [...saved.keys()].sort((a, b) => saved.get(b)! - saved.get(a)!)) {
    if (best.chains.some((other) => other.groups.some((g) => chain.groups.includes(g)))) continue;
    const taken = [...best.chains, chain];
    const program = linkedWith(groups, edges, taken, planning);
    if (isBetter(program, best.program)) best = { program, chains: taken };
  }
  if (isPlanning(options)) return best.program;
  const [without, withChains] = [link(groups, edges, options), linkedWith(groups, edges, best.chains, options)];
  return best.program !== plain && isBetter(withChains, without) ? withChains : without;
}

/** As if the mode had one engine set, and DDR were all its own. */
function planningOptions({ target, mode, ocmBytes }: LinkOptions): LinkOptions {
  const one = { ...modeOf(target, mode), engineSets: 1 };
  return { target: { ...target, modes: [one] }, mode, ...(ocmBytes !== undefined && { ocmBytes }) };
}

function isPlanning({ target, mode, ddrBytesPerCycle }: LinkOptions): boolean {
  return modeOf(target, mode).engineSets === 1 && (ddrBytesPerCycle ?? Infinity) >= target.ddrBytesPerCycle;
}

/** Cycles, every edge in DDR. */
function savedBy({ menu, groups: members }: LinkChain, groups: readonly LinkGroup[]): number {
  return members.reduce((sum, g) => sum + plainVariant(groups[g]!.menu).cycles.total, 0) - plainVariant(menu).cycles.total;
}

function isBetter({ stats: a }: Program, { stats: b }: Program): boolean {
  return a.cycles < b.cycles || (a.cycles === b.cycles && traffic(a) < traffic(b));
}

function traffic({ ddrBytes }: Program['stats']): number {
  return ddrBytes.params + ddrBytes.load + ddrBytes.store;
}

/** A group of the smaller unit: one of the unit's, or a chain of them. */
interface Part {
  readonly groups: readonly number[];
  readonly chain?: LinkChain;
}

export function linkedWith(groups: readonly LinkGroup[], edges: readonly LinkEdge[], chains: readonly LinkChain[], options: LinkOptions): Program {
  const chainAt = new Map(chains.map((chain) => [chain.groups.at(-1)!, chain]));
  const swallowed = new Set(chains.flatMap((chain) => chain.groups.slice(0, -1)));
  const inside = new Set([...swallowed].map((g) => groups[g]!.output));
  // A chain runs where its last group did: all that it reads is there by then, and nobody waits for less.
  const parts: Part[] = groups.flatMap((_, g): Part[] => {
    const chain = chainAt.get(g);
    return swallowed.has(g) ? [] : [chain === undefined ? { groups: [g] } : { groups: chain.groups, chain }];
  });
  const kept = edges.flatMap((_, e) => (inside.has(e) ? [] : [e]));
  const rank = new Map(kept.map((e, i) => [e, i]));
  const merged = parts.map((part): LinkGroup => {
    const group = part.chain === undefined ? groups[part.groups[0]!]! : mergedGroup(groups, part.chain);
    return { ...group, inputs: group.inputs.map((e) => rank.get(e)!), output: rank.get(group.output)! };
  });
  const program = link(merged, kept.map((e) => edges[e]!), options);
  return expanded(program, { groups, edges, parts, rank });
}

function mergedGroup(groups: readonly LinkGroup[], { groups: members, shape, menu }: LinkChain): LinkGroup {
  const edgeOf = new Map(shape.members.flatMap(({ inputs, output }, m) => [...inputs.map((e, i) => [e, groups[members[m]!]!.inputs[i]!] as const), [output, groups[members[m]!]!.output] as const]));
  const scalars = Object.fromEntries(members.flatMap((g, m) => Object.entries(groups[g]!.scalars).map(([name, value]) => [memberScalar(m, name), value])));
  return { menu, scalars, inputs: shape.inputs.map((e) => edgeOf.get(e)!), output: edgeOf.get(shape.output)! };
}

interface Unit {
  readonly groups: readonly LinkGroup[];
  readonly edges: readonly LinkEdge[];
  readonly parts: readonly Part[];
  /** Of the unit's edges in the smaller unit. */
  readonly rank: ReadonlyMap<number, number>;
}

/** Groups and edges by the unit's numbers. An edge inside of a chain is nowhere: it never exists whole. */
function expanded(program: Program, { groups, edges, parts, rank }: Unit): Program {
  const constantOffsets = groups.map(() => 0);
  const chosen = groups.map(() => 0);
  parts.forEach(({ groups: members }, p) => {
    let start = program.constantOffsets[p]!;
    for (const g of members) {
      constantOffsets[g] = start;
      chosen[g] = program.chosen[p]!;
      start += groups[g]!.menu.constantBytes;
    }
  });
  return {
    ...program, constantOffsets, chosen,
    ...(parts.some(({ chain }) => chain !== undefined) && { objects: objectsOf(groups.length, parts) }),
    edges: edges.map((_, e) => (rank.has(e) ? program.edges[rank.get(e)!]! : { space: space.none, offset: 0, completeAfter: -1 })),
    owners: ownersOf(program, parts),
  };
}

function objectsOf(count: number, parts: readonly Part[]): number[] {
  const objects = new Array<number>(count).fill(0);
  for (const { groups } of parts) for (const g of groups) objects[g] = groups[0]!;
  return objects;
}

function ownersOf({ owners, chosen }: Program, parts: readonly Part[]): [group: number, count: number][] {
  const seen = parts.map(() => 0);
  const runs: [number, number][] = [];
  const add = (group: number): void => {
    const last = runs.at(-1);
    if (last !== undefined && last[0] === group) last[1]++;
    else runs.push([group, 1]);
  };
  for (const [part, count] of owners) {
    const { groups, chain } = parts[part]!;
    const members = chain?.menu.variants[chosen[part]!]!.members;
    for (let i = 0; i < count; i++) add(groups[members?.[seen[part]!++] ?? 0]!);
  }
  return runs;
}
