// Tensors as rows: what stripes are cut along. A row of a rank-4 edge is one line of all channels of a sample; samples follow one another.
import type { Edge } from '../ops/group.ts';
import { isNhwc, memoryShape, typeBytes, type Box, type Plane, type Size } from './lower/plane.ts';

export interface Rows {
  readonly samples: number;
  /** Of one sample. */
  readonly rows: number;
  readonly elements: number;
  /** Of one row. */
  readonly bytes: number;
}

/** [from, to), counted through all samples. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Undefined for an edge whose lines lie apart: channels outermost. */
export function rowsOf(edge: Edge): Rows | undefined {
  if (edge.shape.length !== 4 || (!isNhwc(edge) && edge.shape[1] !== 1)) return undefined;
  const [samples, rows, cols, channels] = isNhwc(edge) ? memoryShape(edge) as [number, number, number, number] : [edge.shape[0]!, edge.shape[2]!, edge.shape[3]!, 1];
  return { samples, rows, elements: cols * channels, bytes: cols * channels * typeBytes[edge.dtype] };
}

/** Lowerings see an edge as planes of their own making; how its rows lie in one: as `each` lines, or as a stretch of its only line. */
interface Fit {
  readonly each: number;
  readonly flat: boolean;
  readonly perPlane: number;
}

function fitOf({ samples, rows, elements }: Rows, plane: Size & Pick<Plane, 'batch'>): Fit | undefined {
  const all = samples * rows;
  if (plane.batch * plane.rows * plane.cols * plane.channels !== all * elements) return undefined;
  const lines = plane.batch * plane.rows;
  if (lines % all === 0 && (plane.batch === samples || plane.batch === 1)) return { each: lines / all, flat: false, perPlane: all / plane.batch };
  return plane.batch === 1 && plane.rows === 1 && plane.cols === 1 ? { each: elements, flat: true, perPlane: all } : undefined;
}

/** Some rows of one sample, all of their columns and channels, as a box of the plane; undefined where no box holds just them. */
export function boxOf(edge: Rows, plane: Size & Pick<Plane, 'batch'>, { from, to }: Range): Box | undefined {
  const fit = fitOf(edge, plane);
  if (fit === undefined) return undefined;
  const { each, flat, perPlane } = fit;
  const n = Math.floor(from / perPlane);
  if (flat) return { n: 0, y: 0, x: 0, c: from * each, rows: 1, cols: 1, channels: (to - from) * each };
  return { n, y: (from - n * perPlane) * each, x: 0, c: 0, rows: (to - from) * each, cols: plane.cols, channels: plane.channels };
}

/** The rows that a box of the plane touches. */
export function rangeOf(edge: Rows, plane: Size & Pick<Plane, 'batch'>, { n, y, c, rows, channels }: Box): Range | undefined {
  const fit = fitOf(edge, plane);
  if (fit === undefined) return undefined;
  const { each, flat, perPlane } = fit;
  const [start, end] = flat ? [c, c + channels] : [y, y + rows];
  return { from: n * perPlane + Math.floor(start / each), to: n * perPlane + Math.ceil(end / each) };
}
