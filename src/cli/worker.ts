// A worker process: opens the cache itself and serves jobs. Arguments: the cache folder and, for tests, the module of
// another table of tasks.
import './worker-flags.ts';
import { pathToFileURL } from 'node:url';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { serve } from '../engine/serve.ts';
import type { TaskTable } from '../engine/run-jobs.ts';

const [folder, table] = process.argv.slice(2);
if (folder === undefined) throw new Error('BUG: a worker needs the cache folder');
serve({ store: openLmdbStore({ folder, role: 'worker' }), tasks: loadTasks() });

// Loading ahead is a favour to the first job: what fails here fails there again, where it is reported.
if (table === undefined) import('../../tasks/preload.ts').then(({ preload }) => preload()).catch(() => undefined);

async function loadTasks(): Promise<TaskTable> {
  const module: { tasks: TaskTable } = table === undefined ? await import('../../tasks/index.ts') : await import(pathToFileURL(table).href);
  return module.tasks;
}
