// Data that changes places unchanged: loads and stores over DDR, and moves on chip.
import { at, templateOf, type Address, type Emitter } from '../emit.ts';
import type { Box, Operand, Order } from './plane.ts';

/** load or store of a box; both operands have the same sizes. */
export function transfer(emitter: Emitter, name: 'load' | 'store', from: Operand, to: Operand): void {
  const run = from.channels * from.bytes;
  const row = from.cols * run;
  const runs = {
    from: from.at, to: to.at, planes: from.rows, rows: from.cols, run,
    fromPlane: from.rowPitch, toPlane: to.rowPitch, fromRow: from.colPitch, toRow: to.colPitch,
  };
  if (from.cols > 1 && (from.colPitch !== run || to.colPitch !== run)) emitTransfer(emitter, name, runs);
  // Rows without gaps are runs, and so is a plane of them.
  else if (from.rows > 1 && (from.rowPitch !== row || to.rowPitch !== row)) emitTransfer(emitter, name, { ...runs, planes: 1, rows: from.rows, run: row, fromRow: from.rowPitch, toRow: to.rowPitch });
  else emitTransfer(emitter, name, { ...runs, planes: 1, rows: 1, run: from.rows * row });
}

interface Runs {
  readonly from: Address;
  readonly to: Address;
  readonly planes: number;
  readonly rows: number;
  readonly run: number;
  readonly fromPlane: number;
  readonly toPlane: number;
  readonly fromRow: number;
  readonly toRow: number;
}

/** Pitches of dims that have one element are written as 0, so that equal transfers are equal words. */
export function emitTransfer(emitter: Emitter, name: 'load' | 'store', { from, to, planes, rows, run, fromPlane, toPlane, fromRow, toRow }: Runs): void {
  emitter.emit(name, {
    from, from_plane_pitch: planes === 1 ? 0 : fromPlane, from_row_pitch: rows === 1 ? 0 : fromRow,
    to, to_plane_pitch: planes === 1 ? 0 : toPlane, to_row_pitch: rows === 1 ? 0 : toRow,
    planes, rows, run,
  });
}

/** One dim of a strided copy; strides in bytes. */
export interface Stride {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** A strided copy on chip, of elements of `bytes`. More than six dims become several moves. */
export function emitMove(emitter: Emitter, { from, to, bytes, dims }: { from: Address; to: Address; bytes: number; dims: readonly Stride[] }): void {
  const merged = mergeDims(dims);
  const [a, b, c, d, e, f] = [6, 5, 4, 3, 2, 1].map((inner) => merged[merged.length - inner] ?? one) as [Stride, Stride, Stride, Stride, Stride, Stride];
  eachOuter(merged.slice(0, -6), { from, to }, (start) => {
    emitter.emit('move', {
      ...movement, from: start.from, to: start.to, element_bytes: bytes,
      dim0: a.size, from_stride0: a.from, to_stride0: a.to, dim1: b.size, from_stride1: b.from, to_stride1: b.to,
      dim2: c.size, from_stride2: c.from, to_stride2: c.to, dim3: d.size, from_stride3: d.from, to_stride3: d.to,
      dim4: e.size, from_stride4: e.from, to_stride4: e.to, dim5: f.size, from_stride5: f.from, to_stride5: f.to,
    });
  });
}

const movement = templateOf('move');
const one: Stride = { size: 1, from: 0, to: 0 };

/** Calls `visit` for every position of the outer dims. */
export function eachOuter(dims: readonly Stride[], start: { readonly from: Address; readonly to: Address }, visit: (start: { readonly from: Address; readonly to: Address }) => void): void {
  const [first, ...rest] = dims;
  if (first === undefined) return visit(start);
  for (let i = 0; i < first.size; i++) eachOuter(rest, { from: at(start.from, i * first.from), to: at(start.to, i * first.to) }, visit);
}

/** Dims of one element left out, and neighbours that run on without a gap on both sides joined. */
export function mergeDims(dims: readonly Stride[]): Stride[] {
  const merged: Stride[] = [];
  for (const dim of dims) {
    if (dim.size === 1) continue;
    const outer = merged.at(-1);
    if (outer !== undefined && outer.from === dim.from * dim.size && outer.to === dim.to * dim.size) {
      merged[merged.length - 1] = { size: outer.size * dim.size, from: dim.from, to: dim.to };
    } else merged.push(dim);
  }
  return merged;
}

/** Copies a box into another order of rows, columns, channels: dims[i] of `to` is dims[order[i]] of `from`. */
export function reorder(emitter: Emitter, from: Operand, to: Operand, order: Order): void {
  const pitches = [from.rowPitch, from.colPitch, from.bytes];
  const toPitches = [to.rowPitch, to.colPitch, to.bytes];
  const sizes = [to.rows, to.cols, to.channels];
  emitMove(emitter, { from: from.at, to: to.at, bytes: from.bytes, dims: order.map((d, i) => ({ size: sizes[i]!, from: pitches[d]!, to: toPitches[i]! })) });
}

export function reordered(box: Box, order: Order): Box {
  const sizes = [box.rows, box.cols, box.channels];
  const starts = [box.y, box.x, box.c];
  return {
    n: box.n,
    y: starts[order[0]]!, x: starts[order[1]]!, c: starts[order[2]]!,
    rows: sizes[order[0]]!, cols: sizes[order[1]]!, channels: sizes[order[2]]!,
  };
}
