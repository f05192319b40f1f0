// Writes the code of one tiling. With two buffers the loads of a tile come before the work of the tile before it, stores after; waits are
// link's business, but the order in the program is what they can be worked out from.
import { at, noAddress, scalar, templateOf, type Address, type Emitter } from '../emit.ts';
import { space } from '../isa.ts';
import type { Arrangement, Region } from './arrange.ts';
import { alignUp, constantPiece, type ConstantSpec } from './lowering.ts';
import { source, target } from './operands.ts';
import { packed, within, type Box, type Operand, type Order } from './plane.ts';
import { Slots } from './slots.ts';
import type { Tiled, TiledInput } from './tiled.ts';
import { tilesOf, type Tiling } from './tiles.ts';
import { emitTransfer, reorder, reordered, transfer } from './transfer.ts';

interface Run {
  readonly onChip: readonly boolean[];
  readonly tiling: Tiling;
  readonly arrangement: Arrangement;
}

export function runTiles(emitter: Emitter, tiled: Tiled, run: Run): void {
  const { onChip } = run;
  const constants = constantsOf(emitter, tiled, run.arrangement);
  const inputs = tiled.inputs.map((input, i) => inputOf(emitter, { input, index: i, resident: onChip[i]! }, run.arrangement.inputs[i]!));
  const result = resultOf(emitter, tiled, { resident: onChip.at(-1)!, arrangement: run.arrangement });
  const tiles = tilesOf(tiled.domain, run.tiling);

  const fetch = (tile: Box): { constant: (name: string) => Address; operands: Operand[] } => ({
    constant: constants(tile),
    operands: inputs.map((input) => input.fetch(tile)),
  });
  let next = fetch(tiles[0]!);
  tiles.forEach((tile, t) => {
    const { operands, constant } = next;
    const after = tiles[t + 1];
    if (after !== undefined && run.tiling.double) next = fetch(after);
    const output = result.take(tile);
    tiled.compute({
      emitter, tile, constant, output,
      inputs: inputs.map((input, i) => input.prepare(operands[i]!)),
      scratch: { space: space.ocm, offset: run.arrangement.scratch.offset },
    });
    if (output !== undefined) result.give(tile, output);
    if (after !== undefined && !run.tiling.double) next = fetch(after);
  });
}

function slotAddress(region: Region, slot: number): Address {
  return { space: space.ocm, offset: region.offset + slot * region.slotBytes };
}

function sameBox(a: Box, b: Box): boolean {
  return a.y === b.y && a.x === b.x && a.c === b.c && a.n === b.n && a.rows === b.rows && a.cols === b.cols && a.channels === b.channels;
}

/** Fetch: the box as it lies in memory, on chip. Prepare: requantised and reordered, as computing wants it. */
function inputOf(emitter: Emitter, { input, index, resident }: { input: TiledInput; index: number; resident: boolean }, regions: Arrangement['inputs'][number]) {
  const edge: Address = { space: space.input + index, offset: 0 };
  const stage = (region: Region | undefined) => ({ region, slots: new Slots(region?.slots ?? 1, sameBox) });
  const loaded = stage(regions.loaded);
  const entered = stage(regions.entered);
  const ordered = stage(regions.ordered);

  const into = (to: { region: Region | undefined; slots: Slots<Box> }, box: Box, bytes: number, write: (operand: Operand) => void): Operand => {
    const found = to.slots.find(box);
    const operand = packed(box, slotAddress(to.region!, found ?? to.slots.take(box)), bytes);
    if (found === undefined) write(operand);
    return operand;
  };
  const whole = { ...input.plane, n: 0, y: 0, x: 0, c: 0 };
  return {
    fetch(tile: Box): Operand {
      const box = regions.whole ? whole : input.need(tile);
      const source = within(input.plane, edge, box);
      return resident ? source : into(loaded, box, input.plane.bytes, (operand) => transfer(emitter, 'load', source, operand));
    },
    prepare(fetched: Operand): Operand {
      const { entry, order } = input;
      let operand = fetched;
      if (entry !== undefined) {
        const from = operand;
        operand = into(entered, from.box, entry.bytes, (to) => emitEntry(emitter, entry.prefix, from, to));
      }
      if (order !== undefined) {
        const from = operand;
        operand = into(ordered, reordered(from.box, order), from.bytes, (to) => reorder(emitter, from, to, order));
      }
      return operand;
    },
  };
}

/** Requantises a box to a narrower type (spec §4), or turns codes into floats or floats into codes (spec §8). */
export function emitEntry(emitter: Emitter, prefix: string, from: Operand, to: Operand): void {
  if (from.bytes === 4 || to.bytes === 4) {
    const numbers = { ...source(from), ...target(to), scale: scalar(`${prefix}_scale`), zero: scalar(`${prefix}_zero`), rows: from.rows, cols: from.cols, channels: from.channels };
    if (to.bytes === 4) emitter.emit('dequantize', { ...dequantize, ...numbers });
    else emitter.emit('quantize', { ...quantize, ...numbers, hi: 2 ** (8 * to.bytes) - 1 });
    return;
  }
  emitter.emit('rescale', {
    ...rescale, in: from.at, in_row_pitch: from.rowPitch, in_col_pitch: from.colPitch, in_bytes: from.bytes,
    in_zero: scalar(`${prefix}_in_zero`), multiplier: scalar(`${prefix}_multiplier`), shift: scalar(`${prefix}_shift`),
    out: to.at, out_row_pitch: to.rowPitch, out_col_pitch: to.colPitch, out_bytes: to.bytes,
    rows: from.rows, cols: from.cols, channels: from.channels,
    zero: scalar(`${prefix}_zero`), lo: scalar(`${prefix}_lo`), hi: scalar(`${prefix}_hi`),
  });
}

const dequantize = templateOf('dequantize');
const quantize = templateOf('quantize', { channel_params: noAddress });
const rescale = templateOf('rescale', { table: noAddress, index_bits: 0, fraction_bits: 0, value_bits: 0 });

/** Where computing writes, and how it gets from there to the edge. */
function resultOf(emitter: Emitter, tiled: Tiled, { resident, arrangement }: { resident: boolean; arrangement: Arrangement }) {
  const { plane, order, gives } = tiled.output;
  const { computed, stored } = arrangement.output;
  const edge: Address = { space: space.output, offset: 0 };
  let turn = -1;
  const slot = (region: Region): Address => slotAddress(region, turn % region.slots);
  const place = (box: Box): Operand => (stored === undefined ? within(plane, edge, box) : packed(box, slot(stored), plane.bytes));
  return {
    take(tile: Box): Operand | undefined {
      const box = gives(tile);
      if (box === undefined) return undefined;
      turn++;
      return computed === undefined ? place(box) : packed(reordered(box, inverse(order!)), slot(computed), plane.bytes);
    },
    give(tile: Box, output: Operand): void {
      const box = gives(tile)!;
      const at = place(box);
      if (order !== undefined) reorder(emitter, output, at, order);
      if (!resident) transfer(emitter, 'store', at, within(plane, edge, box));
    },
  };
}

function inverse(order: Order): Order {
  return [order.indexOf(0), order.indexOf(1), order.indexOf(2)];
}

/** Loads the parts of the constants that a tile needs, and says where they are. */
function constantsOf(emitter: Emitter, tiled: Tiled, { constants, constantBytes }: Arrangement): (tile: Box) => (name: string) => Address {
  const offsets = offsetsOf(tiled.constants);
  const load = (offset: number, to: Address, { rows, pitch, run }: { rows: number; pitch: number; run: number }): void => {
    const from = { space: space.params, offset };
    if (rows === 1 || pitch === run) emitTransfer(emitter, 'load', { from, to, planes: 1, rows: 1, run: rows * run, fromPlane: 0, toPlane: 0, fromRow: 0, toRow: 0 });
    else emitTransfer(emitter, 'load', { from, to, planes: 1, rows, run, fromPlane: 0, toPlane: 0, fromRow: pitch, toRow: run });
  };
  if ('offset' in constants) {
    let loaded = constantBytes === 0;
    return () => {
      for (let start = 0; !loaded && start < constantBytes; start += constantPiece) {
        load(start, at(slotAddress(constants, 0), start), { rows: 1, pitch: 0, run: Math.min(constantPiece, constantBytes - start) });
      }
      loaded = true;
      return (name) => at(slotAddress(constants, 0), offsets.get(name)!);
    };
  }
  // Parts are told apart by their first channel.
  const slots = new Map([...constants].map(([name, region]) => [name, new Slots<number>(region.slots, Object.is)]));
  return ({ c, channels }) => {
    const places = new Map<string, Address>();
    for (const { name, bytes, slices } of tiled.constants) {
      const held = slots.get(name)!;
      const part = slices === undefined ? 0 : c;
      const found = held.find(part);
      const to = slotAddress(constants.get(name)!, found ?? held.take(part));
      places.set(name, to);
      if (found !== undefined) continue;
      if (slices === undefined) load(offsets.get(name)!, to, { rows: 1, pitch: 0, run: bytes });
      else {
        const pitch = bytes / slices.rows;
        load(offsets.get(name)! + c * slices.perChannel, to, { rows: slices.rows, pitch, run: channels * slices.perChannel });
      }
    }
    return (name) => places.get(name)!;
  };
}

/** Offsets of the constants in their packing. */
export function offsetsOf(specs: readonly ConstantSpec[]): Map<string, number> {
  let end = 0;
  return new Map(specs.map(({ name, bytes }) => {
    const offset = end;
    end += alignUp(bytes);
    return [name, offset];
  }));
}
