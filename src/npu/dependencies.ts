// Which instructions must have completed before each one starts, worked out from the addresses they touch. Engines run in order, so for
// each other engine the last conflicting instruction stands for all before it.
//
// For every stretch of memory the book holds the last write and the last reads. Memory is cut into pages so that entering an access costs
// what lies near it. Stretches between an access's runs count as touched: that can only add a wait, never lose one.
import { accesses } from './access.ts';
import type { Decoded } from './decode.ts';
import { engines, space } from './isa.ts';

/** For each instruction and engine (in the order of `engines`), how many of that engine's instructions must have completed. */
export type Waits = readonly (readonly number[])[];

export function dependencies(instructions: readonly Decoded[]): Waits {
  const book = new Book();
  const counts = engines.map(() => 0);
  // What an engine's earlier instructions have waited for needs no second wait.
  const known = engines.map(() => engines.map(() => 0));
  return instructions.map((instruction) => {
    const engine = engines.indexOf(instruction.engine);
    const wait = engines.map(() => 0);
    const touched = accesses(instruction).filter((access) => access.space !== space.params && !(access.space >= space.input && access.space < space.output));
    for (const { space: where, start, end, use } of touched) book.conflicts({ where, start, end, writes: use !== 'read' }, wait);
    counts[engine]!++;
    for (const { space: where, start, end, use } of touched) book.enter({ where, start, end, writes: use !== 'read' }, engine, counts[engine]!);
    wait[engine] = 0;
    return wait.map((count, other) => {
      if (count <= known[engine]![other]!) return 0;
      known[engine]![other] = count;
      return count;
    });
  });
}

interface Touch {
  readonly where: number;
  readonly start: number;
  readonly end: number;
  readonly writes: boolean;
}

/** Counts of the last writes and reads, one an engine; 0 for none. */
interface Stretch {
  start: number;
  end: number;
  writes: readonly number[];
  reads: readonly number[];
}

const pageBytes = 1 << 16;
const none: readonly number[] = engines.map(() => 0);

class Book {
  readonly #pages = new Map<number, Stretch[]>();

  /** Raises `wait` to what the access conflicts with. */
  conflicts(touch: Touch, wait: number[]): void {
    this.#eachPage(touch, (page, start, end) => {
      for (let i = firstAfter(page, start); i < page.length && page[i]!.start < end; i++) {
        const { writes, reads } = page[i]!;
        for (let e = 0; e < wait.length; e++) {
          if (writes[e]! > wait[e]!) wait[e] = writes[e]!;
          if (touch.writes && reads[e]! > wait[e]!) wait[e] = reads[e]!;
        }
      }
    });
  }

  enter(touch: Touch, engine: number, count: number): void {
    const mine = none.map((_, e) => (e === engine ? count : 0));
    this.#eachPage(touch, (page, start, end) => {
      const from = split(page, start);
      const to = split(page, end);
      // A write comes after everything it has waited for: whoever waits for it needs nothing older.
      if (touch.writes) page.splice(from, to - from, { start, end, writes: mine, reads: none });
      else page.splice(from, to - from, ...filled(page.slice(from, to), start, end).map((stretch) => ({ ...stretch, reads: changed(stretch.reads, engine, count) })));
    });
  }

  #eachPage({ where, start, end }: Touch, visit: (page: Stretch[], start: number, end: number) => void): void {
    for (let at = start; at < end; ) {
      const number = Math.floor(at / pageBytes);
      const until = Math.min(end, (number + 1) * pageBytes);
      const key = where * 2 ** 20 + number;
      let page = this.#pages.get(key);
      if (page === undefined) this.#pages.set(key, (page = []));
      visit(page, at, until);
      at = until;
    }
  }
}

/** Index of the first stretch that ends after `at`. */
function firstAfter(page: readonly Stretch[], at: number): number {
  let [low, high] = [0, page.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (page[middle]!.end <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Cuts the stretch around `at` in two; returns the index of the first stretch that starts at `at` or later. */
function split(page: Stretch[], at: number): number {
  const i = firstAfter(page, at);
  const stretch = page[i];
  if (stretch === undefined || stretch.start >= at) return i;
  page.splice(i + 1, 0, { ...stretch, start: at });
  stretch.end = at;
  return i + 1;
}

/** The stretches with new ones in their gaps, so that they cover [start, end); equal neighbours become one. */
function filled(stretches: readonly Stretch[], start: number, end: number): Stretch[] {
  const all: Stretch[] = [];
  const add = (next: Stretch): void => {
    const last = all.at(-1);
    if (last !== undefined && last.writes === next.writes && last.reads === next.reads) last.end = next.end;
    else all.push({ ...next });
  };
  let at = start;
  for (const stretch of stretches) {
    if (stretch.start > at) add({ start: at, end: stretch.start, writes: none, reads: none });
    add(stretch);
    at = stretch.end;
  }
  if (at < end) add({ start: at, end, writes: none, reads: none });
  return all;
}

function changed(counts: readonly number[], engine: number, count: number): readonly number[] {
  return counts.map((old, e) => (e === engine ? count : old));
}
