// Jobs that wait for a worker, and which go next: those with the longest path to the end of the build first, small ones of
// one task together, never more cores or memory than there is.
import type { Need } from './executor.ts';
import type { Work } from './recipe.ts';

export interface Waiting {
  readonly work: Work;
  readonly need: Need;
  /** Goes to a worker alone: it was in a bulk whose worker died. */
  alone?: boolean;
}

export interface Free {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly workers: number;
  /** Nothing runs: what needs more than there is may go now, alone. */
  readonly idle: boolean;
}

// A bulk should cost a worker about this long: much longer than a message, much shorter than a person notices.
const bulkMs = 25;
const bulkMax = 256;

export class JobQueue<Item extends Waiting> {
  readonly #byTask = new Map<string, Item[]>();
  readonly #typicalMs = new Map<string, number>();

  add(item: Item): void {
    const items = this.#byTask.get(item.work.task) ?? [];
    this.#byTask.set(item.work.task, items);
    const path = knownPath(item.need);
    // In descending order, first come first among equals.
    let [at, end] = [0, items.length];
    while (at < end) {
      const middle = (at + end) >> 1;
      if (knownPath(items[middle]!.need) < path) end = middle;
      else at = middle + 1;
    }
    items.splice(at, 0, item);
  }

  /** What a job of this task took, for tasks and labels that the history doesn't know. */
  took(task: string, ms: number): void {
    const before = this.#typicalMs.get(task);
    this.#typicalMs.set(task, before === undefined ? ms : before * 0.8 + ms * 0.2);
  }

  /** The next bulk for one worker, removed from the queue; empty when nothing fits. */
  take(free: Free): Item[] {
    let best: Item[] | undefined;
    for (const items of this.#byTask.values()) {
      const first = items[0];
      if (first === undefined || !fits(first.need, free)) continue;
      if (best === undefined || this.#path(first) > this.#path(best[0]!)) best = items;
    }
    if (best === undefined) return [];
    return best.splice(0, this.#bulk(best, free));
  }

  /** Whether there is something to take. */
  fits(free: Free): boolean {
    return [...this.#byTask.values()].some(([first]) => first !== undefined && fits(first.need, free));
  }

  /** Takes out all for which it holds. */
  remove(holds: (item: Item) => boolean): Item[] {
    const removed: Item[] = [];
    for (const [task, items] of this.#byTask) {
      const kept: Item[] = [];
      for (const item of items) (holds(item) ? removed : kept).push(item);
      this.#byTask.set(task, kept);
    }
    return removed;
  }

  #path(item: Item): number {
    return item.need.pathMs ?? this.#expected(item);
  }

  #expected(item: Item): number {
    return item.need.expectedMs ?? this.#typicalMs.get(item.work.task) ?? 0;
  }

  #bulk(items: readonly Item[], free: Free): number {
    if (items[0]!.alone === true) return 1;
    // A task never seen gets one job first, to learn from; a worker takes no more than its share.
    const most = Math.min(bulkMax, Math.ceil(items.length / free.workers));
    let count = 1;
    let total = this.#expected(items[0]!);
    if (total === 0 && !this.#typicalMs.has(items[0]!.work.task)) return 1;
    while (count < most && items[count]!.alone !== true) {
      total += this.#expected(items[count]!);
      if (total > bulkMs || !fits(items[count]!.need, free)) break;
      count++;
    }
    return count;
  }
}

function knownPath({ pathMs, expectedMs = 0 }: Need): number {
  return pathMs ?? expectedMs;
}

function fits(need: Need, free: Free): boolean {
  return free.workers > 0 && (free.idle || (need.cores <= free.cores && need.memoryBytes <= free.memoryBytes));
}
