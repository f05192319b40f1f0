// The worker's side: one bulk of jobs at a time, each answered. It ends when its channel closes, so a killed build
// leaves no workers behind.
import type { Reply } from './job.ts';
import type { Work } from './recipe.ts';
import { createMemo, runJobs, type TaskTable } from './run-jobs.ts';
import type { Store } from './store.ts';

export type ToWorker = { readonly kind: 'run'; readonly works: readonly Work[] };

export type FromWorker =
  | { readonly kind: 'said'; readonly index: number; readonly line: string }
  | { readonly kind: 'done'; readonly replies: readonly Reply[] };

/** Serves this process's parent until it goes. */
export function serve({ store, tasks }: { store: Promise<Store>; tasks: Promise<TaskTable> }): void {
  const memo = createMemo();
  const tell = (message: FromWorker): void => {
    if (process.connected) process.send?.(message);
  };
  process.on('message', (message) => {
    // What arrives is typed by pool.ts, the only other end of this channel.
    const { works } = message as ToWorker;
    answer(works).then(
      (replies) => tell({ kind: 'done', replies }),
      (error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        tell({ kind: 'done', replies: works.map((): Reply => ({ kind: 'bug', text, log: [] })) });
      },
    );
  });
  process.on('disconnect', () => {
    store.then((open) => open.close()).finally(() => process.exit(0));
  });
  // Ctrl-C reaches the whole process group; the build decides what becomes of its workers.
  process.on('SIGINT', () => undefined);

  async function answer(works: readonly Work[]): Promise<Reply[]> {
    return runJobs({ store: await store, tasks: await tasks, memo, works, said: (index, line) => tell({ kind: 'said', index, line }) });
  }
}
