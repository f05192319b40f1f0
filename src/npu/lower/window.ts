// Sliding windows: which input rows and columns a tile of output positions needs.
import type { GroupStructure } from '../../ops/group.ts';
import { numberList } from './attributes.ts';
import type { Box, Operand, Plane, Size } from './plane.ts';

export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** top, left */
  readonly pads: readonly [number, number];
}

export function windowOf(structure: GroupStructure): Window {
  const pair = (name: string, fallback: number): [number, number] => {
    const list = numberList(structure, name, [fallback, fallback]);
    return [list[0]!, list[1]!];
  };
  return { kernel: pair('kernel', 1), strides: pair('strides', 1), dilations: pair('dilations', 1), pads: pair('pads', 0) };
}

/** What output positions of a tile look at in some channels, cut to the plane; never empty, so that it has an address. */
export function seen(window: Window, plane: Size, tile: Box, { c, channels }: Pick<Box, 'c' | 'channels'>): Box {
  const y = span(window, 0, { start: tile.y, count: tile.rows, limit: plane.rows });
  const x = span(window, 1, { start: tile.x, count: tile.cols, limit: plane.cols });
  return { n: tile.n, y: y.from, x: x.from, c, rows: y.count, cols: x.count, channels };
}

function span({ kernel, strides, dilations, pads }: Window, axis: 0 | 1, { start, count, limit }: { start: number; count: number; limit: number }): { from: number; count: number } {
  const first = start * strides[axis] - pads[axis];
  const last = first + (count - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis];
  const from = Math.min(Math.max(first, 0), limit - 1);
  const to = Math.max(Math.min(last, limit - 1), from);
  return { from, count: to - from + 1 };
}

export function reachOf({ kernel, strides, dilations }: Window, plane: Size, tile: { readonly rows: number; readonly cols: number }): { rows: number; cols: number } {
  const span = (count: number, axis: 0 | 1, limit: number): number => Math.min(limit, (count - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1);
  return { rows: span(tile.rows, 0, plane.rows), cols: span(tile.cols, 1, plane.cols) };
}

/** Padding as the tile's instruction sees it: how far the first window starts before the box it was given. */
export function padsOf({ strides, pads }: Window, tile: Box, input: Operand): { pad_top: number; pad_left: number } {
  return { pad_top: input.box.y - (tile.y * strides[0] - pads[0]), pad_left: input.box.x - (tile.x * strides[1] - pads[1]) };
}

/** The output positions of a window kind as tiles; channels of input and output are the same. */
export function wholeOf({ batch, rows, cols, channels }: Plane): { batch: number } & Size {
  return { batch, rows, cols, channels };
}
