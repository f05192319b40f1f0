// The driver of kinds that copy codes: strided copies, each cut into tiles. Over DDR a tile is gathered in the order in which it lies there
// and stored in the order in which it shall lie; where these differ, or elements repeat, a move in between puts it right.
import type { Target } from '../../targets/target.ts';
import { dmaCycles, moveCycles, vectorCycles } from '../cost.ts';
import { at, type Address, type Emitter } from '../emit.ts';
import { space } from '../isa.ts';
import { byStride, cut, gathered, inBytes, inOrder, low, outAt, packing, unrepeated, volume, type Copy } from './copy.ts';
import { alignUp, type Placement, type Plan, type Planner } from './lowering.ts';
import { packed } from './plane.ts';
import { emitEntry } from './run-tiles.ts';
import { eachOuter, emitMove, emitTransfer, mergeDims, type Stride } from './transfer.ts';

export interface Copied {
  readonly copies: readonly Copy[];
  /** Bytes of an element on the output's edge. */
  readonly bytes: number;
}

/** Once a plan fits, cutting into more pieces than this saves memory that nobody lacks. */
const manyTiles = 128;

/** Largest tiles first, then halved; with two buffers and with one. */
export function copiedPlanner(copied: Copied, target: Target): Planner {
  const whole = Math.max(...copied.copies.map((copy) => volume(copy.dims)));
  const known = new Map<number, readonly Tile[]>();
  const tilesWithin = (limit: number): readonly Tile[] => {
    const tiles = known.get(limit) ?? copied.copies.flatMap((copy) => cut(copy, limit)).map(measured);
    known.set(limit, tiles);
    return tiles;
  };
  const planned = new Map<string, readonly Plan[]>();
  const plansWithin = (limit: number, place: Placement): readonly Plan[] => {
    const key = `${place.onChip.join()} ${limit}`;
    const tiles = tilesWithin(limit);
    const plans = planned.get(key) ?? (tiles.length > 1 ? [2, 1] : [1]).map((slots) => planOf(copied, place, { tiles, slots, target }));
    planned.set(key, plans);
    return plans;
  };
  return (place) => {
    const plans: Plan[] = [];
    for (let limit = whole; ; limit = Math.ceil(limit / 2)) {
      const tiles = tilesWithin(limit);
      plans.push(...plansWithin(limit, place));
      const { arenaBytes } = plans.at(-1)!;
      // Data that never stays in the arena gains nothing from being cut.
      if (limit === 1 || arenaBytes === 0 || (arenaBytes <= place.room && tiles.length > manyTiles)) return plans;
    }
  };
}

/** A copy with what is asked of it at every turn: elements that it reads and writes, and whether a transfer could do it. */
interface Tile {
  readonly copy: Copy;
  readonly read: number;
  readonly write: number;
  readonly straight: boolean;
}

function measured(copy: Copy): Tile {
  return { copy, read: volume(unrepeated(copy.dims)), write: volume(copy.dims), straight: inOrder(copy) };
}

/** How one tile travels. */
interface Route {
  readonly load: boolean;
  /** Through a packed buffer in the order of the input. */
  readonly gather: boolean;
  readonly enter: boolean;
  /** A move into the output's order: straight to the edge, or to a packed buffer. */
  readonly move: boolean;
  readonly store: boolean;
}

function routeOf({ copy: { input, entry }, straight }: Tile, { onChip }: Placement): Route {
  const load = !onChip[input]!;
  const store = !onChip.at(-1)!;
  const enter = entry !== undefined;
  const gather = enter || (load && (store || !straight));
  return { load, gather, enter, move: !straight || (!store && (enter || !load)), store };
}

function planOf(copied: Copied, place: Placement, { tiles, slots, target }: { tiles: readonly Tile[]; slots: number; target: Target }): Plan {
  const most = { gather: 0, enter: 0, out: 0 };
  const busy = { sdma: 0, teng: 0, cv: 0 };
  let ddrBytes = 0;
  let instructions = 0;
  for (const tile of tiles) {
    const route = routeOf(tile, place);
    const { read, write, copy: { bytes } } = tile;
    if (route.gather) most.gather = Math.max(most.gather, alignUp(read * bytes));
    if (route.enter) most.enter = Math.max(most.enter, alignUp(read * copied.bytes));
    if (route.move && route.store) most.out = Math.max(most.out, alignUp(write * copied.bytes));
    const loaded = route.load ? read * bytes : 0;
    const stored = route.store ? write * copied.bytes : 0;
    if (route.load) busy.sdma += dmaCycles(target, loaded);
    if (route.store) busy.sdma += dmaCycles(target, stored);
    if (route.enter) busy.teng += vectorCycles(target, { elements: read, steps: 1, bytes });
    if (route.move) busy.cv += moveCycles(target, write * copied.bytes);
    ddrBytes += loaded + stored;
    instructions += Number(route.load) + Number(route.store) + Number(route.enter) + Number(route.move);
  }
  const sum = busy.sdma + busy.teng + busy.cv;
  const longest = Math.max(busy.sdma, busy.teng, busy.cv);
  const cycles = slots === 2 ? longest + (sum - longest) / tiles.length : sum;
  return {
    arenaBytes: slots * (most.gather + most.enter + most.out),
    cycles,
    cyclesAhead: cycles,
    ddrBytes,
    instructions,
    slices: slots === 2 ? tiles.length : 1,
    emit: (emitter) => run(emitter, copied, { tiles, place, slots, most }),
  };
}

interface Buffers {
  readonly tiles: readonly Tile[];
  readonly place: Placement;
  readonly slots: number;
  readonly most: { readonly gather: number; readonly enter: number; readonly out: number };
}

function run(emitter: Emitter, copied: Copied, { tiles, place, slots, most }: Buffers): void {
  const arena = (start: number, bytes: number, t: number): Address => ({ space: space.ocm, offset: start + (t % slots) * bytes });
  const gatherAt = (t: number): Address => arena(0, most.gather, t);
  const load = (t: number): void => {
    const tile = tiles[t];
    if (tile === undefined) return;
    const { copy } = tile;
    const route = routeOf(tile, place);
    if (!route.load) return;
    if (route.gather) move(emitter, 'load', { dims: gathered(copy).dims, from: low(copy), to: gatherAt(t), bytes: copy.bytes });
    else move(emitter, 'load', { dims: inBytes(copy.dims, copy.bytes), from: low(copy), to: outAt(copy, copied.bytes), bytes: copy.bytes });
  };
  load(0);
  tiles.forEach((tile, t) => {
    if (slots === 2) load(t + 1);
    finish(emitter, copied, { tile: tile.copy, read: tile.read, route: routeOf(tile, place), gather: gatherAt(t), enter: arena(slots * most.gather, most.enter, t), out: arena(slots * (most.gather + most.enter), most.out, t) });
    if (slots === 1) load(t + 1);
  });
}

/** What follows the load of a tile. */
function finish(
  emitter: Emitter,
  copied: Copied,
  { tile, read, route, gather, enter, out }: { tile: Copy; read: number; route: Route; gather: Address; enter: Address; out: Address },
): void {
  const own = gathered(tile);
  if (route.gather && !route.load) emitMove(emitter, { from: low(tile), to: gather, bytes: tile.bytes, dims: own.dims });
  if (route.enter) {
    const flat = { n: 0, y: 0, x: 0, c: 0, rows: 1, cols: 1, channels: read };
    emitEntry(emitter, tile.entry!, packed(flat, gather, tile.bytes), packed(flat, enter, copied.bytes));
  }
  // Where the tile is now, and the strides in which it lies there.
  const staged = route.enter ? enter : gather;
  const here = route.gather ? at(staged, own.start * copied.bytes) : at(low(tile), own.start * tile.bytes);
  const strides = route.gather ? own.strides : tile.dims.map((dim) => dim.from);
  const edge = outAt(tile, copied.bytes);
  const toEdge = tile.dims.map((dim, d): Stride => ({ size: dim.size, from: strides[d]!, to: dim.to }));
  const from = route.gather ? here : at({ space: space.input + tile.input, offset: 0 }, tile.fromStart * tile.bytes);
  if (!route.move) {
    if (route.store) move(emitter, 'store', { dims: inBytes(toEdge, copied.bytes), from, to: edge, bytes: copied.bytes });
    return;
  }
  if (!route.store) return emitMove(emitter, { from, to: edge, bytes: copied.bytes, dims: inBytes(toEdge, copied.bytes) });
  const packedTo = packing(tile.dims.map((dim) => dim.to), tile.dims.map((dim) => dim.size));
  emitMove(emitter, { from, to: out, bytes: copied.bytes, dims: inBytes(toEdge.map((dim, d) => ({ ...dim, to: packedTo[d]! })), copied.bytes) });
  move(emitter, 'store', { dims: inBytes(byStride(tile.dims.map((dim, d) => ({ size: dim.size, from: packedTo[d]!, to: dim.to })), 'to'), copied.bytes), from: out, to: edge, bytes: copied.bytes });
}

/** A load or store of strided dims: runs of contiguous bytes, two pitches, and one instruction for each position of what is left. */
function move(emitter: Emitter, name: 'load' | 'store', { dims, from, to, bytes }: { dims: readonly Stride[]; from: Address; to: Address; bytes: number }): void {
  const merged = mergeDims(dims);
  const inner = merged.at(-1);
  const joined = inner !== undefined && inner.from === bytes && inner.to === bytes;
  const run = joined ? inner.size * bytes : bytes;
  const outer = joined ? merged.slice(0, -1) : merged;
  const one: Stride = { size: 1, from: 0, to: 0 };
  const [planes, rows] = [one, one, ...outer].slice(-2);
  eachOuter(outer.slice(0, -2), { from, to }, (start) => {
    emitTransfer(emitter, name, { ...start, planes: planes!.size, rows: rows!.size, run, fromPlane: planes!.from, toPlane: planes!.to, fromRow: rows!.from, toRow: rows!.to });
  });
}
