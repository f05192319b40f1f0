// What a tiling takes, before any code is written: good enough to choose by, not what is reported. What the largest tile of a size needs is
// worked out once, for every order of the loops and every residency of the edges.
import type { Target } from '../../targets/target.ts';
import { dmaCycles, moveCycles, vectorCycles } from '../cost.ts';
import type { Engine } from '../isa.ts';
import { alignUp, constantPiece, type Plan } from './lowering.ts';
import { volume, type Size } from './plane.ts';
import type { Tiled, TiledInput } from './tiled.ts';
import { countsOf, type Counts, type Tiling } from './tiles.ts';

/** One tile's share of everything. `cycles` are those of one transfer or instruction, `arena` is a slot. */
export interface Piece {
  readonly tile: Size;
  readonly counts: Counts;
  readonly inputs: readonly InputPiece[];
  /** All constants at once, where there is a single part. */
  readonly together: { readonly bytes: number; readonly loads: number; readonly cycles: number } | undefined;
  readonly constants: readonly { readonly sliced: boolean; readonly bytes: number; readonly cycles: number; readonly arena: number }[];
  readonly work: { readonly engine: Engine; readonly cycles: number };
  readonly output: { readonly results: number; readonly bytes: number; readonly reorder: number; readonly store: number; readonly computed: number; readonly stored: number };
  readonly scratch: number;
}

interface InputPiece {
  /** It is fetched whole, once, into one slot. */
  readonly whole: boolean;
  /** How often positions ask for another part of it, and how often the channels inside of them do. */
  readonly positions: number;
  readonly byChannel: boolean;
  readonly byPosition: boolean;
  readonly bytes: number;
  readonly load: number;
  readonly enter: number;
  readonly reorder: number;
  /** As loaded, and the copies that computing wants. */
  readonly loaded: number;
  readonly staged: number;
}

export function pieceOf(tiled: Tiled, tile: Size, target: Target): Piece {
  const counts = countsOf(tiled.domain, tile);
  const { plane, order } = tiled.output;
  const results = tiled.reduces === true ? tiled.domain.batch * counts.channels : counts.all;
  const bytes = ((volume(plane) * plane.batch) / results) * plane.bytes;
  const all = tiled.constants.reduce((sum, spec) => sum + alignUp(spec.bytes), 0);
  const written = alignUp(volume(tiled.output.reach(tile)) * plane.bytes);
  return {
    tile, counts,
    inputs: tiled.inputs.map((input) => inputPiece(tiled, input, { tile, counts, target })),
    together: counts.channels === 1 ? { bytes: all, loads: Math.ceil(all / constantPiece), cycles: dmaCycles(target, all) } : undefined,
    constants: tiled.constants.map(({ bytes: whole, slices }) => {
      const part = slices === undefined ? whole : whole / counts.channels;
      return { sliced: slices !== undefined, bytes: part, cycles: dmaCycles(target, part), arena: alignUp(slices === undefined ? whole : slices.rows * slices.perChannel * tile.channels) };
    }),
    work: tiled.work(tile, target),
    output: {
      results, bytes, store: dmaCycles(target, bytes), reorder: order === undefined ? 0 : moveCycles(target, bytes),
      stored: written, computed: order === undefined ? 0 : written,
    },
    scratch: alignUp(tiled.scratch?.(tile) ?? 0),
  };
}

function inputPiece({ domain }: Tiled, { plane, entry, order, reach }: TiledInput, { tile, counts, target }: Pick<Piece, 'tile' | 'counts'> & { target: Target }): InputPiece {
  const elements = volume(reach(tile));
  const byChannel = volume(reach({ rows: tile.rows, cols: tile.cols, channels: domain.channels })) !== elements;
  const byPosition = plane.batch > 1 || volume(reach({ rows: domain.rows, cols: domain.cols, channels: tile.channels })) !== elements;
  const bytes = elements * plane.bytes;
  const entered = elements * (entry?.bytes ?? plane.bytes);
  return {
    whole: elements === volume(plane) && plane.batch === 1,
    positions: byPosition ? counts.all / counts.channels : 1,
    byChannel, byPosition, bytes,
    load: dmaCycles(target, bytes),
    enter: entry === undefined ? 0 : vectorCycles(target, { elements, steps: 1, bytes: Math.max(plane.bytes, entry.bytes) }),
    reorder: order === undefined ? 0 : moveCycles(target, entered),
    loaded: alignUp(bytes),
    staged: ((entry === undefined ? 0 : 1) + (order === undefined ? 0 : 1)) * alignUp(entered),
  };
}

/** Bytes that `arrange` will lay out. */
export function arenaOf({ counts, inputs, together, constants, output, scratch }: Piece, { double, keep }: Tiling, onChip: readonly boolean[]): number {
  const pair = double ? 2 : 1;
  let bytes = scratch;
  if (together !== undefined) bytes += together.bytes;
  else for (const { sliced, arena } of constants) bytes += arena * (!sliced ? 1 : keep ? counts.channels : pair);
  for (let i = 0; i < inputs.length; i++) {
    const { whole, loaded, staged } = inputs[i]!;
    bytes += (whole ? 1 : pair) * ((onChip[i]! ? 0 : loaded) + staged);
  }
  return bytes + pair * (output.computed + (onChip.at(-1)! ? 0 : output.stored));
}

/** Cycles and DDR bytes of a tiling, from the size of its largest tile. */
export function estimate({ counts, inputs, together, constants, work, output }: Piece, { channelsOuter, double, keep }: Tiling, onChip: readonly boolean[]): Pick<Plan, 'cycles' | 'cyclesAhead' | 'ddrBytes' | 'instructions'> {
  let teng = 0;
  let cv = 0;
  let sdma = 0;
  let ddrBytes = 0;
  let instructions = counts.all;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    const fetches = input.positions * (input.byChannel || (channelsOuter && input.byPosition) ? counts.channels : 1);
    if (!onChip[i]!) {
      sdma += fetches * input.load;
      ddrBytes += fetches * input.bytes;
      instructions += fetches;
    }
    teng += fetches * input.enter;
    cv += fetches * input.reorder;
  }

  // Constants that are loaded once, before everything else.
  let hidden = 0;
  if (together !== undefined && together.bytes > 0) {
    hidden = together.cycles;
    sdma += together.cycles;
    ddrBytes += together.bytes;
    instructions += together.loads;
  } else {
    for (const { sliced, bytes, cycles } of constants) {
      const times = !sliced ? 1 : keep || channelsOuter ? counts.channels : counts.all;
      sdma += times * cycles;
      ddrBytes += times * bytes;
      instructions += times;
    }
  }

  cv += output.results * output.reorder;
  if (!onChip.at(-1)!) {
    sdma += output.results * output.store;
    ddrBytes += output.results * output.bytes;
    instructions += output.results;
  }
  const busy = { conv: 0, teng, cv, sdma };
  busy[work.engine] += counts.all * work.cycles;
  const sum = busy.conv + busy.teng + busy.cv + busy.sdma;
  // Overlapped, the slowest engine sets the pace; the others show at the ends only.
  const longest = Math.max(busy.conv, busy.teng, busy.cv, busy.sdma);
  const cycles = double ? longest + (sum - longest) / counts.all : sum;
  return { cycles, cyclesAhead: Math.max(longest, cycles - hidden), ddrBytes, instructions };
}
