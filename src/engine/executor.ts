// Who runs jobs: this process (tests, -j 0) or a pool of worker processes (pool.ts). One interface for both.
import type { Reply } from './job.ts';
import { createMemo, runJobs, type TaskTable } from './run-jobs.ts';
import type { Work } from './recipe.ts';
import type { Store } from './store.ts';

/** What a job takes, and how urgent it is. */
export interface Need {
  readonly label: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** What it took the last time. */
  readonly expectedMs?: number;
  /** That, and the longest chain of jobs behind it: the longest goes first. */
  readonly pathMs?: number;
}

export interface Listener {
  /** `worker`: its process id; absent where the building process itself runs the job. */
  started(worker?: number): void;
  said(line: string): void;
}

export interface Executor {
  /** Never rejects: whatever happens to the job is its reply. */
  execute(work: Work, need: Need, listener: Listener): Promise<Reply>;
  /** Answers everything that hasn't started with 'skipped'. */
  stop(): void;
  /** As stop(); what runs is finished if nobody else needs its place. */
  leave(): void;
  /** As stop(), and ends what runs: within a second nothing of it is left. */
  abort(): void;
  close(): Promise<void>;
}

/** Runs jobs in this process, at most `jobs` at a time. */
export function inProcess({ store, tasks, jobs = 1 }: { store: Store; tasks: TaskTable; jobs?: number }): Executor {
  const memo = createMemo();
  const queue: { work: Work; listener: Listener; answer: (reply: Reply) => void }[] = [];
  let running = 0;
  let closed = Promise.resolve();

  const pump = (): void => {
    while (running < Math.max(1, jobs)) {
      const next = queue.shift();
      if (next === undefined) return;
      running++;
      next.listener.started();
      closed = runJobs({ store, tasks, memo, works: [next.work], said: (_, line) => next.listener.said(line) }).then(([reply]) => {
        running--;
        next.answer(reply!);
        queueMicrotask(pump); // after the build has heard the answer: it may stop
      });
    }
  };
  const stop = (): void => {
    for (const { answer } of queue.splice(0)) answer({ kind: 'skipped' });
  };
  return {
    execute: (work, _need, listener) =>
      new Promise((answer) => {
        queue.push({ work, listener, answer });
        pump();
      }),
    stop,
    leave: stop,
    abort: stop,
    close: () => closed,
  };
}
