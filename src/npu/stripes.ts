// A chain of groups run stripe by stripe: some rows of its last output at a time, and of everything before only the rows those need. Edges
// inside of the chain exist as windows in its arena, never whole; rows that two stripes need are moved, not computed or fetched again.
// This file works out which rows; stripe-layout.ts where they lie, run-stripes.ts writes the code, stripe-plans.ts compares.
import type { Edge, GroupStructure } from '../ops/group.ts';
import { constantLayout } from './constants.ts';
import { loweringOf } from './lower/index.ts';
import { alignUp } from './lower/lowering.ts';
import { volume, type Box } from './lower/plane.ts';
import type { Tiled } from './lower/tiled.ts';
import { boxOf, rangeOf, rowsOf, type Range, type Rows } from './rows.ts';

/** A chain in numbers of its own: canonical, so that chains that are alike are planned once. */
export interface ChainShape {
  readonly members: readonly { readonly inputs: readonly number[]; readonly output: number }[];
  /** Edges that come from outside, in the order in which members read them. */
  readonly inputs: readonly number[];
  /** The only one that leaves: the last member's. */
  readonly output: number;
}

export interface ChainMember {
  readonly structure: GroupStructure;
  readonly tiled: Tiled;
  readonly inputs: readonly number[];
  readonly output: number;
  /** Where its constants start in those of the chain, which are the members' one after the other. */
  readonly constants: number;
  readonly constantBytes: number;
}

export interface ChainEdge {
  readonly edge: Edge;
  /** Undefined where a reader takes it box by box, in another order than its rows. */
  readonly rows: Rows | undefined;
}

export interface Chain extends ChainShape {
  readonly steps: readonly ChainMember[];
  readonly edges: readonly ChainEdge[];
  readonly constantBytes: number;
}

/** What one stripe does: rows that each member computes, and the window that each edge then holds. */
export interface StripePlan {
  /** By stripe, by member: the rows of its output that are new, and the tile that computes them; undefined where there are none. */
  readonly fresh: readonly (readonly (Fresh | undefined)[])[];
  /** By edge, by stripe; undefined for edges without rows. */
  readonly windows: readonly (readonly Range[] | undefined)[];
}

export interface Fresh {
  readonly range: Range;
  readonly tile: Box;
}

/** Whether a group can be a member: its tiles are complete by themselves and its output lies in rows. */
export function stripesOf(structure: GroupStructure): Tiled | undefined {
  const tiled = loweringOf(structure.kind).tiled?.(structure);
  const isPlain = tiled !== undefined && tiled.reduces !== true && tiled.scratch === undefined && tiled.output.order === undefined;
  const rows = rowsOf(structure.output);
  if (!isPlain || rows === undefined) return undefined;
  const whole = { from: 0, to: 1 };
  return boxOf(rows, tiled.domain, whole) === undefined || boxOf(rows, tiled.output.plane, whole) === undefined ? undefined : tiled;
}

export function chainOf(structures: readonly GroupStructure[], shape: ChainShape): Chain {
  const edges: ChainEdge[] = [];
  let constantBytes = 0;
  const steps = shape.members.map(({ inputs, output }, m): ChainMember => {
    const structure = structures[m]!;
    const tiled = stripesOf(structure)!;
    inputs.forEach((e, i) => (edges[e] ??= { edge: structure.inputs[i]!, rows: isInRows(structure, tiled, i) ? rowsOf(structure.inputs[i]!) : undefined }));
    edges[output] = { edge: structure.output, rows: rowsOf(structure.output) };
    const member = { structure, tiled, inputs, output, constants: constantBytes, constantBytes: constantLayout(structure).bytes };
    constantBytes += member.constantBytes;
    return member;
  });
  return { ...shape, steps, edges, constantBytes };
}

/** Input i is read by rows, in memory's order. */
export function isInRows({ inputs }: GroupStructure, tiled: Tiled, i: number): boolean {
  const [rows, { plane, order }] = [rowsOf(inputs[i]!), tiled.inputs[i]!];
  return order === undefined && rows !== undefined && rangeOf(rows, plane, { n: 0, y: 0, x: 0, c: 0, ...plane }) !== undefined;
}

/** For stripes of `height` rows of the last output. Undefined where some edge's rows would have to come back. */
export function planStripes(chain: Chain, height: number): StripePlan {
  const { steps, edges, output } = chain;
  const last = edges[output]!.rows!;
  const stripes: Range[] = [];
  for (let n = 0; n < last.samples; n++) {
    for (let row = 0; row < last.rows; row += height) stripes.push({ from: n * last.rows + row, to: n * last.rows + Math.min(last.rows, row + height) });
  }
  const needed: (Range | undefined)[][] = edges.map(() => stripes.map(() => undefined));
  needed[output] = stripes;
  const windows: (Range[] | undefined)[] = edges.map(() => undefined);
  const fresh: (Fresh | undefined)[][] = stripes.map(() => steps.map(() => undefined));
  // Readers before what they read.
  for (let m = steps.length - 1; m >= 0; m--) {
    const { tiled, inputs, output: made } = steps[m]!;
    const rows = edges[made]!.rows!;
    windows[made] = windowsOf(needed[made]!);
    freshOf(windows[made]).forEach((range, s) => {
      if (range === undefined) return;
      const tile = boxOf(rows, tiled.domain, range)!;
      fresh[s]![m] = { range, tile };
      inputs.forEach((e, i) => {
        const from = edges[e]!.rows;
        if (from !== undefined) needed[e]![s] = union(needed[e]![s], rangeOf(from, tiled.inputs[i]!.plane, tiled.inputs[i]!.need(tile))!);
      });
    });
  }
  for (const e of chain.inputs) if (edges[e]!.rows !== undefined) windows[e] = windowsOf(needed[e]!);
  return { fresh, windows };
}

function union(a: Range | undefined, b: Range): Range {
  return a === undefined ? b : { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

/** What is held during each stripe: nothing that a later one needs is dropped. */
function windowsOf(needed: readonly (Range | undefined)[]): Range[] {
  const first = needed.map((range) => range?.from ?? Infinity);
  for (let s = first.length - 2; s >= 0; s--) first[s] = Math.min(first[s]!, first[s + 1]!);
  let to = 0;
  return needed.map((range, s) => {
    to = Math.max(to, range?.to ?? 0);
    return { from: Math.min(first[s]!, to), to };
  });
}

/** Rows of each window that the one before didn't hold. */
export function freshOf(windows: readonly Range[]): (Range | undefined)[] {
  return windows.map(({ from, to }, s) => {
    const start = Math.max(from, s === 0 ? 0 : windows[s - 1]!.to);
    return start < to ? { from: start, to } : undefined;
  });
}

/** The most that an input of a member takes as it is computed with, where that is not as it lies in memory. */
export function stagedBytes({ tiled }: ChainMember, input: number, tiles: readonly Box[]): { loaded: number; staged: number } {
  const { plane, entry, need } = tiled.inputs[input]!;
  const elements = tiles.reduce((most, tile) => Math.max(most, volume(need.call(tiled.inputs[input], tile))), 0);
  return { loaded: alignUp(elements * plane.bytes), staged: alignUp(elements * (entry?.bytes ?? plane.bytes)) };
}
