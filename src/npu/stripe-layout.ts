// Where a chain's windows, stages and constants lie in its arena.
import type { Address } from './emit.ts';
import { space } from './isa.ts';
import type { Region } from './lower/arrange.ts';
import { alignUp } from './lower/lowering.ts';
import type { Range } from './rows.ts';
import { stagedBytes, type Chain, type StripePlan } from './stripes.ts';

/** How many of each there are: with two, the next stripe's is filled while this one's is read. */
export interface Buffers {
  readonly inputs: 1 | 2;
  readonly inner: 1 | 2;
  readonly output: 1 | 2;
}

export interface Window {
  readonly region: Region;
  readonly ranges: readonly Range[];
  /** By stripe: it changes with the window's first row. */
  readonly slots: readonly number[];
}

/** Of an input of a member: as loaded, where it comes box by box; requantised; in the order that computing wants. */
export interface Stages {
  readonly loaded?: Region;
  readonly entered?: Region;
  readonly ordered?: Region;
}

export interface Layout {
  readonly bytes: number;
  readonly constants: number;
  /** By edge; undefined for what is on chip already or comes box by box. */
  readonly windows: readonly (Window | undefined)[];
  /** By member, by input. */
  readonly staged: readonly (readonly Stages[])[];
  /** There is room to load a stripe ahead. */
  readonly ahead: boolean;
}

export function layOut(chain: Chain, plan: StripePlan, { onChip, buffers }: { onChip: readonly boolean[]; buffers: Buffers }): Layout {
  const { steps, edges, output, inputs } = chain;
  let end = alignUp(chain.constantBytes);
  const take = (bytes: number, slots: number): Region => {
    const region = { offset: end, slotBytes: alignUp(bytes), slots };
    end += region.slotBytes * slots;
    return region;
  };
  const isResident = (e: number): boolean => (e === output ? onChip.at(-1)! : onChip[inputs.indexOf(e)] === true);
  const buffersOf = (e: number): number => (e === output ? buffers.output : inputs.includes(e) ? buffers.inputs : buffers.inner);
  const windows = edges.map(({ rows }, e): Window | undefined => {
    const ranges = plan.windows[e];
    if (rows === undefined || ranges === undefined || isResident(e)) return undefined;
    const most = ranges.reduce((height, { from, to }) => Math.max(height, to - from), 0);
    let turn = 0;
    const turns = ranges.map(({ from }, s) => (s > 0 && from !== ranges[s - 1]!.from ? ++turn : turn));
    const count = turn === 0 ? 1 : buffersOf(e);
    return { region: take(most * rows.bytes, count), ranges, slots: turns.map((one) => one % count) };
  });
  const staged = steps.map((step, m) => step.inputs.map((e, i): Stages => {
    const tiles = plan.fresh.flatMap((stripe) => stripe[m]?.tile ?? []);
    const { entry, order } = step.tiled.inputs[i]!;
    const boxed = edges[e]!.rows === undefined && !isResident(e);
    if (!boxed && entry === undefined && order === undefined) return {};
    const bytes = stagedBytes(step, i, tiles);
    return {
      ...(boxed && { loaded: take(bytes.loaded, buffers.inputs) }),
      ...(entry !== undefined && { entered: take(bytes.staged, buffers.inner) }),
      ...(order !== undefined && { ordered: take(bytes.staged, buffers.inner) }),
    };
  }));
  return { bytes: end, constants: 0, windows, staged, ahead: buffers.inputs === 2 };
}

export function slotAddress({ offset, slotBytes, slots }: Region, turn: number): Address {
  return { space: space.ocm, offset: offset + (turn % slots) * slotBytes };
}
