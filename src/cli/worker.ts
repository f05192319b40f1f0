// A worker process: opens the cache itself and serves jobs. Arguments: the cache folder and, for tests, the module of
// another table of tasks.
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { serve } from '../engine/serve.ts';
import type { TaskTable } from '../engine/run-jobs.ts';

const [folder, table] = process.argv.slice(2);
if (folder === undefined) throw new Error('BUG: a worker needs the cache folder');
serve({ store: openLmdbStore({ folder, role: 'worker' }), tasks: loadTasks() });

// Kernels are compiled once and well while the worker waits, not piece by piece while they run.
for (const flag of ['--no-liftoff', '--no-wasm-lazy-compilation']) setFlagsFromString(flag);
// JavaScript is optimised four times as late as usual: most jobs end before V8's threads are done with their code, and these threads take the
// cores from other jobs. Later versions of Node have a cheap compiler in between, and no such flag.
if (process.version.startsWith('v20.')) setFlagsFromString('--interrupt-budget=300000');

// Loading ahead is a favour to the first job: what fails here fails there again, where it is reported.
if (table === undefined) import('../../tasks/preload.ts').then(({ preload }) => preload()).catch(() => undefined);

async function loadTasks(): Promise<TaskTable> {
  const module: { tasks: TaskTable } = table === undefined ? await import('../../tasks/index.ts') : await import(pathToFileURL(table).href);
  return module.tasks;
}
