// Planes, boxes and where they lie: the geometry that all lowerings share.
import type { Edge, EdgeType } from '../../ops/group.ts';
import type { Address } from '../emit.ts';

export interface Size {
  readonly rows: number;
  readonly cols: number;
  readonly channels: number;
}

/** A tensor in memory order: `batch` planes of rows x cols x channels, nothing between them. */
export interface Plane extends Size {
  readonly batch: number;
  /** Of one element. */
  readonly bytes: number;
}

/** A part of one plane, n. */
export interface Box extends Size {
  readonly n: number;
  readonly y: number;
  readonly x: number;
  readonly c: number;
}

/** Where a box lies; pitches in bytes, channels contiguous. */
export interface Operand extends Size {
  readonly at: Address;
  readonly rowPitch: number;
  readonly colPitch: number;
  readonly bytes: number;
  /** Which part of its plane it is. */
  readonly box: Box;
}

/** dims[i] of the new order is dims[order[i]] of the old one. */
export type Order = readonly [number, number, number];

export const typeBytes: Readonly<Record<EdgeType, number>> = { U8: 1, U16: 2, FP32: 4 };

/** Greatest code of a type; 0 for floats. */
export const typeLevels: Readonly<Record<EdgeType, number>> = { U8: 255, U16: 65535, FP32: 0 };

export function volume({ rows, cols, channels }: Size): number {
  return rows * cols * channels;
}

export function isNhwc(edge: Edge): boolean {
  return edge.layout === 'nhwc' && edge.shape.length === 4;
}

/** Sizes in memory order. */
export function memoryShape(edge: Edge): readonly number[] {
  if (!isNhwc(edge)) return edge.shape;
  const [n, c, h, w] = edge.shape;
  return [n!, h!, w!, c!];
}

/** The edge as planes with ONNX's meaning: rank 4 is N, H, W, C; otherwise leading dims are positions and the last one is channels. */
export function planeOf(edge: Edge): Plane {
  const bytes = typeBytes[edge.dtype];
  const shape = memoryShape(edge);
  if (shape.length === 4) return { batch: shape[0]!, rows: shape[1]!, cols: shape[2]!, channels: shape[3]!, bytes };
  const channels = shape.at(-1) ?? 1;
  return { batch: 1, rows: shape.slice(0, -1).reduce((a, b) => a * b, 1), cols: 1, channels, bytes };
}

/** The edge as one row of elements. */
export function flatPlane(edge: Edge): Plane {
  const channels = edge.shape.reduce((a, b) => a * b, 1);
  return { batch: 1, rows: 1, cols: 1, channels, bytes: typeBytes[edge.dtype] };
}

/** A box of a whole tensor that starts at `base`. */
export function within(plane: Plane, base: Address, box: Box): Operand {
  const colPitch = plane.channels * plane.bytes;
  const rowPitch = plane.cols * colPitch;
  const offset = base.offset + (box.n * plane.rows + box.y) * rowPitch + box.x * colPitch + box.c * plane.bytes;
  return { at: { space: base.space, offset }, rowPitch, colPitch, bytes: plane.bytes, rows: box.rows, cols: box.cols, channels: box.channels, box };
}

/** A box on its own, without gaps. */
export function packed(box: Box, at: Address, bytes: number): Operand {
  const colPitch = box.channels * bytes;
  return { at, rowPitch: box.cols * colPitch, colPitch, bytes, rows: box.rows, cols: box.cols, channels: box.channels, box };
}

/** `total` cut into `pieces` about equal parts of a multiple of `grain`. */
export function evenly(total: number, pieces: number, grain: number): number {
  return Math.min(total, Math.ceil(Math.ceil(total / pieces) / grain) * grain);
}
