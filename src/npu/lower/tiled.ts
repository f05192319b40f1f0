// The driver of kinds that compute: cuts a domain into tiles and, tile by tile, brings in what the tile needs (load, requantise on entry,
// reorder), lets the kind compute, and takes the result out. The kind only says which boxes a tile reads and writes.
import type { Target } from '../../targets/target.ts';
import { dmaCycles, moveCycles, vectorCycles } from '../cost.ts';
import type { Address, Emitter } from '../emit.ts';
import type { Engine } from '../isa.ts';
import { arrange, type Arrangement } from './arrange.ts';
import type { ConstantSpec, Placement, Plan } from './lowering.ts';
import { volume, type Box, type Operand, type Order, type Plane, type Size } from './plane.ts';
import { runTiles } from './run-tiles.ts';
import { countsOf, tilingsOf, type Domain, type Tiling } from './tiles.ts';

export interface TiledInput {
  /** In memory order. */
  readonly plane: Plane;
  /** Requantised on entry: prefix of the scalars' names, bytes of the narrower type. */
  readonly entry?: { readonly prefix: string; readonly bytes: number };
  /** The order of rows, columns and channels that computing wants, if it isn't memory's. */
  readonly order?: Order;
  /** What a tile reads. */
  need(tile: Box): Box;
  /** The most that a tile of this size reads. */
  reach(tile: Size): Size;
}

export interface TiledOutput {
  readonly plane: Plane;
  /** Memory's order of the rows, columns and channels that computing writes. */
  readonly order?: Order;
  /** What is complete after a tile; undefined when more tiles have to add to it. */
  gives(tile: Box): Box | undefined;
  reach(tile: Size): Size;
}

export interface Tiled {
  readonly domain: Domain;
  readonly grain: Size;
  /** Tiles of one channel part add up over positions. */
  readonly reduces?: boolean;
  readonly inputs: readonly TiledInput[];
  readonly output: TiledOutput;
  readonly constants: readonly ConstantSpec[];
  scratch?(tile: Size): number;
  /** What computing one tile costs. */
  work(tile: Size, target: Target): { readonly engine: Engine; readonly cycles: number };
  compute(site: Site): void;
}

/** What a kind has at hand when it computes a tile. */
export interface Site {
  readonly emitter: Emitter;
  readonly tile: Box;
  /** In the order that computing wants. */
  readonly inputs: readonly Operand[];
  readonly output: Operand | undefined;
  readonly scratch: Address;
  /** Where the tile's part of a constant is. */
  constant(name: string): Address;
}

export function tiledPlans(tiled: Tiled, place: Placement): Plan[] {
  const inFlight = tiled.inputs.some((input, i) => !place.onChip[i]! || input.entry !== undefined || input.order !== undefined);
  const outFlight = !place.onChip.at(-1)! || tiled.output.order !== undefined;
  const tilings = tilingsOf({
    domain: tiled.domain,
    grain: tiled.grain,
    positions: inFlight || outFlight || tiled.scratch !== undefined,
    reduces: tiled.reduces ?? false,
    sliced: tiled.constants.some((spec) => spec.slices !== undefined),
  });
  return tilings.map((tiling) => {
    const arrangement = arrange(tiled, place, tiling);
    const costs = arrangement.bytes > place.room ? tooLarge : estimate(tiled, place, { tiling, arrangement });
    return { ...costs, arenaBytes: arrangement.bytes, emit: (emitter) => runTiles(emitter, tiled, { place, tiling, arrangement }) };
  });
}

const tooLarge = { cycles: Infinity, cyclesAhead: Infinity, ddrBytes: Infinity, instructions: Infinity };

/** Cycles and DDR bytes of a tiling, from the size of its largest tile: good enough to choose by, not what is reported. */
function estimate(tiled: Tiled, { onChip, target }: Placement, { tiling, arrangement }: { tiling: Tiling; arrangement: Arrangement }): Pick<Plan, 'cycles' | 'cyclesAhead' | 'ddrBytes' | 'instructions'> {
  const { tile, channelsOuter, double, keep } = tiling;
  const counts = countsOf(tiled.domain, tile);
  const busy: Record<Engine, number> = { conv: 0, teng: 0, cv: 0, sdma: 0 };
  let ddrBytes = 0;
  let instructions = counts.all;
  const transfers = (times: number, bytes: number): void => {
    busy.sdma += times * dmaCycles(target, bytes);
    ddrBytes += times * bytes;
    instructions += times;
  };

  tiled.inputs.forEach((input, i) => {
    const reach = input.reach(tile);
    const elements = volume(reach);
    const whole = input.reach({ ...tile, channels: tiled.domain.channels });
    const byChannel = volume(whole) !== elements;
    const byPosition = input.plane.batch > 1 || volume(input.reach({ ...tiled.domain, channels: tile.channels })) !== elements;
    const positions = byPosition ? counts.all / counts.channels : 1;
    const fetches = positions * (byChannel || (channelsOuter && byPosition) ? counts.channels : 1);
    if (!onChip[i]!) transfers(fetches, elements * input.plane.bytes);
    if (input.entry !== undefined) busy.teng += fetches * vectorCycles(target, { elements, steps: 1, bytes: input.plane.bytes });
    if (input.order !== undefined) busy.cv += fetches * moveCycles(target, elements * (input.entry?.bytes ?? input.plane.bytes));
  });

  // Constants that are loaded once, before everything else.
  let hidden = 0;
  if (counts.channels === 1 && arrangement.constantBytes > 0) {
    transfers(1, arrangement.constantBytes);
    hidden = dmaCycles(target, arrangement.constantBytes);
  } else {
    for (const spec of tiled.constants) {
      if (spec.slices === undefined) transfers(1, spec.bytes);
      else transfers(keep || channelsOuter ? counts.channels : counts.all, spec.bytes / counts.channels);
    }
  }

  const work = tiled.work(tile, target);
  busy[work.engine] += counts.all * work.cycles;
  const written = volume(tiled.output.plane) * tiled.output.plane.batch;
  const results = tiled.reduces ? tiled.domain.batch * counts.channels : counts.all;
  if (tiled.output.order !== undefined) busy.cv += results * moveCycles(target, (written / results) * tiled.output.plane.bytes);
  if (!onChip.at(-1)!) transfers(results, (written / results) * tiled.output.plane.bytes);

  const sum = busy.conv + busy.teng + busy.cv + busy.sdma;
  // Overlapped, the slowest engine sets the pace; the others show at the ends only.
  const longest = Math.max(busy.conv, busy.teng, busy.cv, busy.sdma);
  const cycles = double ? longest + (sum - longest) / counts.all : sum;
  return { cycles, cyclesAhead: Math.max(longest, cycles - hidden), ddrBytes, instructions };
}
