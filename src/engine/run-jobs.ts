// A run of small jobs in one process: one after another, their blobs committed together, one reply for each.
import { Fault } from '../base/fault.ts';
import { runJob, type Memo, type Reply } from './job.ts';
import type { Work } from './recipe.ts';
import type { Store } from './store.ts';
import type { AnyTask } from './task.ts';

/** Tasks by name, each loaded when the first job of it arrives. */
export type TaskTable = Readonly<Record<string, () => Promise<AnyTask>>>;

export interface JobBatch {
  readonly store: Store;
  readonly tasks: TaskTable;
  readonly memo: Memo;
  readonly works: readonly Work[];
  said(index: number, line: string): void;
}

/** Replies in the order of the works, when all their blobs are committed. */
export async function runJobs({ store, tasks, memo, works, said }: JobBatch): Promise<Reply[]> {
  const runs: { reply: Reply; kept: Promise<unknown> }[] = [];
  for (const [index, work] of works.entries()) {
    const load = tasks[work.task];
    if (load === undefined) throw new Error(`BUG: no task ${work.task} in the worker's table`);
    let task: AnyTask;
    try {
      task = await load();
    } catch (error) {
      runs.push({ reply: { kind: 'bug', text: `cannot load task ${work.task}: ${textOf(error)}`, log: [] }, kept: Promise.resolve() });
      continue;
    }
    runs.push(await runJob({ store, memo, say: (line) => said(index, line) }, task, work));
  }
  return Promise.all(runs.map(committed));
}

async function committed({ reply, kept }: { reply: Reply; kept: Promise<unknown> }): Promise<Reply> {
  try {
    await kept;
    return reply;
  } catch (error) {
    if (error instanceof Fault) return { kind: 'fault', faults: [error.parts], log: [] };
    return { kind: 'fault', faults: [{ what: 'the cache cannot be written', facts: [['error', textOf(error)]] }], log: [] };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Values kept between jobs of a process, the least recently used dropped beyond `limit`. */
export function createMemo(limit = 16): Memo {
  const values = new Map<string, unknown>();
  return <T>(key: string, make: () => T): T => {
    const known = values.has(key);
    // The key says what the value is (job.ts puts the task before it), so its type is the one it was made with.
    const value = known ? (values.get(key) as T) : make();
    values.delete(key);
    values.set(key, value);
    if (!known && value instanceof Promise) value.catch(() => values.delete(key)); // a failed load may be tried again
    for (const oldest of values.keys()) {
      if (values.size <= limit) break;
      values.delete(oldest);
    }
    return value;
  };
}
