// The worker processes of a build, started as soon as it is known that something changed: they load while this process reads the
// configuration.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openPool, type Pool } from '../engine/pool.ts';
import type { Asked } from './ask.ts';
import { memorySize } from './memory-size.ts';

/** Jobs make many short-lived arrays: room for them to die young (a cold build spent a twelfth of its time moving them). */
const heap = ['--min-semi-space-size=32', '--max-semi-space-size=64'];

export interface Workers {
  readonly pool: Pool;
}

export function startWorkers({ given, home, cache }: Asked): Workers {
  const { memory } = given.options;
  const jobs = Number(given.options['jobs'] ?? availableParallelism());
  const pool = openPool({ entry: join(home, 'worker.js'), args: [cache], execArgv: heap, jobs, ...(memory !== undefined && { memoryBytes: memorySize(memory)! }) });
  // One at first: this process has things to load as well.
  pool.warm(1);
  return { pool };
}
