// The driver of kinds that compute: cuts a domain into tiles and, tile by tile, brings in what the tile needs (load, requantise on entry,
// reorder), lets the kind compute, and takes the result out. The kind only says which boxes a tile reads and writes.
import type { Target } from '../../targets/target.ts';
import type { Address, Emitter } from '../emit.ts';
import type { Engine } from '../isa.ts';
import { arrange } from './arrange.ts';
import { arenaOf, estimate, pieceOf, type Piece } from './estimate.ts';
import type { ConstantSpec, Plan, Planner } from './lowering.ts';
import type { Box, Operand, Order, Plane, Size } from './plane.ts';
import { runTiles } from './run-tiles.ts';
import { tilingsOf, type Domain, type Tiling } from './tiles.ts';

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
  /** A grain for chips where no tile of `grain` fits. */
  readonly finest?: Size;
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

export function tiledPlanner(tiled: Tiled, target: Target): Planner {
  const cuts = new Map<string, readonly Cut[]>();
  const known = (positions: boolean, grain: Size): readonly Cut[] => {
    const key = `${positions} ${grain.channels}`;
    const found = cuts.get(key) ?? cutsOf(tiled, { positions, grain, target });
    cuts.set(key, found);
    return found;
  };
  const listed = new Map<string, readonly Plan[]>();
  return ({ onChip, room }) => {
    const inFlight = tiled.inputs.some((input, i) => !onChip[i]! || input.entry !== undefined || input.order !== undefined);
    const outFlight = !onChip.at(-1)! || tiled.output.order !== undefined;
    const positions = inFlight || outFlight || tiled.scratch !== undefined;
    const plansOf = (grain: Size): readonly Plan[] => {
      const key = `${onChip.join()} ${grain.channels}`;
      const found = listed.get(key) ?? known(positions, grain).map(({ tiling, piece }): Plan => {
        const arenaBytes = arenaOf(piece, tiling, onChip);
        const { cycles, cyclesAhead, ddrBytes, instructions } = estimate(piece, tiling, onChip);
        return { arenaBytes, cycles, cyclesAhead, ddrBytes, instructions, slices: tiling.double ? piece.counts.all : 1, emit: (emitter) => emitTiles(emitter, tiled, { onChip, tiling, arenaBytes }) };
      });
      listed.set(key, found);
      return found;
    };
    const plans = plansOf(tiled.grain);
    const fits = tiled.finest === undefined || plans.some(({ arenaBytes }) => arenaBytes <= room);
    return fits ? plans : plansOf(tiled.finest);
  };
}

interface Cut {
  readonly tiling: Tiling;
  readonly piece: Piece;
}

function cutsOf(tiled: Tiled, { positions, grain, target }: { positions: boolean; grain: Size; target: Target }): Cut[] {
  const sliced = tiled.constants.some((spec) => spec.slices !== undefined);
  const tilings = tilingsOf({ domain: tiled.domain, grain, positions, reduces: tiled.reduces ?? false, sliced });
  let piece: Piece | undefined;
  return tilings.map((tiling) => {
    if (piece?.tile !== tiling.tile) piece = pieceOf(tiled, tiling.tile, target);
    return { tiling, piece };
  });
}

function emitTiles(emitter: Emitter, tiled: Tiled, { onChip, tiling, arenaBytes }: { onChip: readonly boolean[]; tiling: Tiling; arenaBytes: number }): void {
  const arrangement = arrange(tiled, onChip, tiling);
  if (arrangement.bytes !== arenaBytes) throw new Error(`BUG: an arena of ${arrangement.bytes} bytes was planned with ${arenaBytes}`);
  runTiles(emitter, tiled, { onChip, tiling, arrangement });
}
