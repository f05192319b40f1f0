// Which groups of a unit may run as chains: stretches whose inner edges are too large to stay on chip and are read by nothing else. Whether
// one pays is decided by link, which sees it with and without.
import type { GroupStructure } from '../ops/group.ts';
import { modeOf } from '../targets/mode.ts';
import { constantLayout } from './constants.ts';
import { loweringOf } from './lower/index.ts';
import { edgeBytes } from './memory.ts';
import type { Menu } from './object.ts';
import { stripePlanner } from './stripe-plans.ts';
import { chainOf, isInRows, stripesOf, type ChainShape } from './stripes.ts';
import { variantsOf, type TileOptions } from './tile.ts';

export interface WiredGroup {
  readonly inputs: readonly number[];
  readonly output: number;
}

export interface FoundChain {
  /** Groups of the unit, in its order; the last one's output leaves. */
  readonly groups: readonly number[];
  readonly shape: ChainShape;
}

/** An edge of this share of on-chip memory is worth a chain; a smaller one stays on chip anyway. */
const large = 1 / 8;
/** Constants of a chain stay on chip while it runs: they may take this share. */
const constantShare = 1 / 4;
/** Long chains save most; where their windows and constants take too much room, shorter ones fit. */
const lengths = [8, 4, 2];

export interface ChainUnit {
  readonly structures: readonly GroupStructure[];
  readonly inner: (edge: number) => boolean;
  readonly worth: Worth;
}

/** What a chain is for: edges of at least so many bytes, as long as its constants take no more. */
export interface Worth {
  readonly edgeBytes: number;
  readonly constantBytes: number;
}

export function worthOn(ocmBytes: number): Worth {
  return { edgeBytes: large * ocmBytes, constantBytes: constantShare * ocmBytes };
}

/** Some have groups in common: link takes one of those. */
export function chainsOf(groups: readonly WiredGroup[], unit: ChainUnit): FoundChain[] {
  const found = lengths.flatMap((longest) => chainsUpTo(longest, groups, unit));
  const keys = found.map((chain) => chain.groups.join());
  return found.filter((_, i) => keys.indexOf(keys[i]!) === i);
}

function chainsUpTo(longest: number, groups: readonly WiredGroup[], { structures, inner, worth }: ChainUnit): FoundChain[] {
  const readers = new Map<number, number[]>();
  groups.forEach(({ inputs }, g) => inputs.forEach((edge) => readers.set(edge, [...(readers.get(edge) ?? []), g])));
  const producer = new Map(groups.map(({ output }, g) => [output, g]));
  const tiled = structures.map((structure) => stripesOf(structure));
  const taken = new Set<number>();
  const found: FoundChain[] = [];
  // From the ends backwards: a chain has one output, so what it takes in must be read by it alone.
  for (let last = groups.length - 1; last >= 0; last--) {
    if (tiled[last] === undefined || taken.has(last)) continue;
    const members = new Set([last]);
    let constants = constantLayout(structures[last]!).bytes;
    for (let g = last - 1; g >= 0 && members.size < longest; g--) {
      const { output } = groups[g]!;
      const fits = constants + constantLayout(structures[g]!).bytes <= worth.constantBytes;
      if (!fits || tiled[g] === undefined || taken.has(g) || !inner(output) || edgeBytes(structures[g]!.output) < worth.edgeBytes) continue;
      const read = readers.get(output) ?? [];
      const isOwn = read.length > 0 && read.every((reader) => members.has(reader) && groups[reader]!.inputs.every((edge, i) => edge !== output || isInRows(structures[reader]!, tiled[reader]!, i)));
      if (!isOwn) continue;
      members.add(g);
      constants += constantLayout(structures[g]!).bytes;
    }
    // What comes from outside in another order than its rows has one reader.
    const list = [...members].sort((a, b) => a - b);
    const outside = list.flatMap((g) => groups[g]!.inputs.map((edge, i) => ({ edge, g, i }))).filter(({ edge }) => !members.has(producer.get(edge) ?? -1));
    const isPlain = outside.every(({ edge, g, i }) => isInRows(structures[g]!, tiled[g]!, i) || outside.filter((other) => other.edge === edge).length === 1);
    if (list.length < 2 || !isPlain) continue;
    for (const g of list) taken.add(g);
    found.unshift({ groups: list, shape: shapeOf(list.map((g) => groups[g]!)) });
  }
  return found;
}

/** Edges numbered as the members meet them. */
function shapeOf(groups: readonly WiredGroup[]): ChainShape {
  const numbers = new Map<number, number>();
  const number = (edge: number): number => {
    const known = numbers.get(edge) ?? numbers.size;
    numbers.set(edge, known);
    return known;
  };
  const members = groups.map(({ inputs, output }) => ({ inputs: inputs.map(number), output: number(output) }));
  const made = new Set(members.map(({ output }) => output));
  return { members, inputs: [...new Set(members.flatMap(({ inputs }) => inputs))].filter((edge) => !made.has(edge)), output: members.at(-1)!.output };
}

/** The menu of a chain; without variants where no stripe fits. */
export function tileChain(structures: readonly GroupStructure[], shape: ChainShape, options: TileOptions): Menu {
  const { target } = options;
  const chain = chainOf(structures, shape);
  const ends = { inputs: shape.inputs.map((e) => chain.edges[e]!.edge), output: chain.edges[shape.output]!.edge };
  const variants = variantsOf(ends, stripePlanner(chain, target), { target, ocmBytes: modeOf(target, options.mode).ocmBytes }, () => {});
  const isUsable = variants.some(({ onChip }) => !onChip.includes(true));
  return { variants: isUsable ? variants : [], constantBytes: chain.constantBytes, macs: structures.reduce((sum, one) => sum + loweringOf(one.kind).macs(one), 0) };
}

