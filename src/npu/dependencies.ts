// Which instructions must have completed before each one starts, worked out from the addresses they touch. Engines run in order, so for
// each other engine the last conflicting instruction stands for all before it.
//
// For every stretch of memory the book holds the last write and the last reads. Stretches between an access's runs count as touched: that
// can only add a wait, never lose one.
import { eachNest } from './access.ts';
import type { Decoded } from './decode.ts';
import { engines, space, type Engine } from './isa.ts';
import type { Nest } from './runs.ts';

/** For each instruction and engine (in the order of `engines`), how many of that engine's instructions must have completed. */
export type Waits = readonly (readonly number[])[];

/** Place of an engine in `engines`. */
export const engineIndex = Object.fromEntries(engines.map((engine, i) => [engine, i])) as Readonly<Record<Engine, number>>;

export function dependencies(instructions: readonly Decoded[]): Waits {
  const book = new Map<number, Stretch[]>();
  const counts = none.slice();
  // What an engine's earlier instructions have waited for needs no second wait.
  const known = engines.map(() => none.slice());
  const touches: Touch[] = [];
  const note = (nest: Nest): void => {
    if (nest.space === space.params || (nest.space >= space.input && nest.space < space.output)) return; // never written
    let stretches = book.get(nest.space);
    if (stretches === undefined) book.set(nest.space, (stretches = []));
    const touch = touchOf(nest, stretches);
    if (touch.start < touch.end) touches.push(touch);
  };
  return instructions.map((instruction) => {
    const engine = engineIndex[instruction.engine];
    const wait = none.slice();
    touches.length = 0;
    eachNest(instruction, note);
    for (const touch of touches) conflicts(touch, wait);
    counts[engine]!++;
    for (const touch of touches) enter(touch, engine, counts[engine]!);
    wait[engine] = 0;
    const before = known[engine]!;
    for (let other = 0; other < wait.length; other++) {
      if (wait[other]! <= before[other]!) wait[other] = 0;
      else before[other] = wait[other]!;
    }
    return wait;
  });
}

interface Touch {
  /** Of its space, in order and without overlaps. */
  readonly stretches: Stretch[];
  readonly start: number;
  readonly end: number;
  readonly writes: boolean;
}

/** The last write: of which engine, its how many-th instruction; 0 for none. The last reads: one count an engine. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly writer: number;
  readonly written: number;
  readonly reads: readonly number[];
}

const none: readonly number[] = engines.map(() => 0);

function touchOf({ offset, dims, run, use }: Nest, stretches: Stretch[]): Touch {
  let start = offset;
  let end = offset + run;
  for (const dim of dims) {
    const reach = (dim[0] - 1) * dim[1];
    if (reach < 0) start += reach;
    else end += reach;
  }
  return { stretches, start, end, writes: use !== 'read' };
}

/** Raises `wait` to what the access conflicts with. */
function conflicts({ stretches, start, end, writes }: Touch, wait: number[]): void {
  for (let i = firstAfter(stretches, start); i < stretches.length; i++) {
    const stretch = stretches[i]!;
    if (stretch.start >= end) return;
    if (stretch.written > wait[stretch.writer]!) wait[stretch.writer] = stretch.written;
    if (!writes) continue;
    for (let e = 0; e < wait.length; e++) if (stretch.reads[e]! > wait[e]!) wait[e] = stretch.reads[e]!;
  }
}

/** A write comes after everything it has waited for: whoever waits for it needs nothing older. */
function enter({ stretches, start, end, writes }: Touch, engine: number, count: number): void {
  const from = firstAfter(stretches, start);
  const same = stretches[from];
  if (same !== undefined && same.start === start && same.end === end) {
    const { writer, written, reads } = same;
    stretches[from] = writes ? { start, end, writer: engine, written: count, reads: none } : { start, end, writer, written, reads: raised(reads, engine, count) };
    return;
  }
  let to = from;
  while (to < stretches.length && stretches[to]!.start < end) to++;
  const first = stretches[from];
  const last = stretches[to - 1];
  const replaced: Stretch[] = [];
  if (from < to && first!.start < start) replaced.push({ ...first!, end: start });
  if (writes) replaced.push({ start, end, writer: engine, written: count, reads: none });
  else {
    let at = start;
    for (let i = from; i < to; i++) {
      const old = stretches[i]!;
      if (old.start > at) replaced.push({ start: at, end: old.start, writer: 0, written: 0, reads: raised(none, engine, count) });
      at = Math.min(old.end, end);
      replaced.push({ start: Math.max(old.start, start), end: at, writer: old.writer, written: old.written, reads: raised(old.reads, engine, count) });
    }
    if (at < end) replaced.push({ start: at, end, writer: 0, written: 0, reads: raised(none, engine, count) });
  }
  if (from < to && last!.end > end) replaced.push({ ...last!, start: end });
  if (to - from === replaced.length) for (let i = 0; i < replaced.length; i++) stretches[from + i] = replaced[i]!;
  else stretches.splice(from, to - from, ...replaced);
}

/** Index of the first stretch that ends after `at`. */
function firstAfter(stretches: readonly Stretch[], at: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle]!.end <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function raised(counts: readonly number[], engine: number, count: number): readonly number[] {
  const copy = counts.slice();
  copy[engine] = count;
  return copy;
}
