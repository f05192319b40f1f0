// A set of bytes as nested, evenly spaced runs: start, then for each dim `count` copies `pitch` bytes apart, and `run` bytes in each.
// Exact and small: a tile of a tensor is one of them, however many rows it has.
import type { FieldUse } from './isa.ts';

/** [count, pitch]: as an operand gives it, pitch in bytes, 0 or negative too. */
export type Dim = readonly [count: number, pitch: number];

export interface Access {
  /** Name of the operand in isa.ts. */
  readonly operand: string;
  readonly use: FieldUse;
  readonly space: number;
  /** Bounds of all bytes touched: [start, end). */
  readonly start: number;
  readonly end: number;
  /** Outermost first, pitches positive and falling, count > 1; runs that touch are folded into one. */
  readonly dims: readonly Dim[];
  readonly run: number;
  /** True where one byte is reached twice, by two positions of the nest. */
  readonly repeats: boolean;
}

export interface Nest {
  readonly operand: string;
  readonly use: FieldUse;
  readonly space: number;
  readonly offset: number;
  readonly dims: readonly Dim[];
  readonly run: number;
}

export function accessOf({ operand, use, space, offset, dims, run: bytes }: Nest): Access {
  let start = offset;
  let end = offset + bytes;
  let run = bytes;
  let repeats = false;
  const kept: Dim[] = [];
  for (const [count, pitch] of dims) {
    if (count === 1) continue;
    if (pitch === 0) repeats = true;
    else kept.push([count, Math.abs(pitch)]);
    if (pitch < 0) start += (count - 1) * pitch;
    else end += (count - 1) * pitch;
  }
  kept.sort((a, b) => a[1] - b[1]);
  const outer: Dim[] = [];
  let reach = run;
  for (const dim of kept) {
    const [count, pitch] = dim;
    if (pitch < reach) repeats = true;
    reach += (count - 1) * pitch;
    if (outer.length === 0 && pitch <= run) run = reach;
    else outer.push(dim);
  }
  return { operand, use, space, start, end, dims: outer.reverse(), run, repeats };
}

/** Calls `visit` with the first byte of each run. Stops early where it returns false. */
export function eachRun(access: Access, visit: (start: number) => boolean): boolean {
  return walk(access.dims, 0, access.start, visit);
}

function walk(dims: readonly Dim[], depth: number, start: number, visit: (start: number) => boolean): boolean {
  const dim = dims[depth];
  if (dim === undefined) return visit(start);
  const [count, pitch] = dim;
  for (let i = 0; i < count; i++) {
    if (!walk(dims, depth + 1, start + i * pitch, visit)) return false;
  }
  return true;
}

/** True where both reach a common byte of the same space. */
export function overlap(a: Access, b: Access): boolean {
  if (a.space !== b.space || a.end <= b.start || b.end <= a.start) return false;
  if (a.dims.length === 0 && b.dims.length === 0) return true;
  const [few, many] = runCount(a) <= runCount(b) ? [a, b] : [b, a];
  return !eachRun(few, (start) => !hits(many, 0, many.start, start, start + few.run));
}

function runCount({ dims }: Access): number {
  return dims.reduce((count, dim) => count * dim[0], 1);
}

/** True where a run of `access` at `depth`, starting at `base`, reaches into [from, to). */
function hits(access: Access, depth: number, base: number, from: number, to: number): boolean {
  const dim = access.dims[depth];
  if (dim === undefined) return base < to && from < base + access.run;
  const [count, pitch] = dim;
  let inner = access.run;
  for (let i = depth + 1; i < access.dims.length; i++) inner += (access.dims[i]![0] - 1) * access.dims[i]![1];
  const low = Math.max(0, Math.ceil((from - inner + 1 - base) / pitch));
  const high = Math.min(count - 1, Math.floor((to - 1 - base) / pitch));
  for (let i = low; i <= high; i++) {
    if (hits(access, depth + 1, base + i * pitch, from, to)) return true;
  }
  return false;
}
