// The worker processes of a build, started as soon as it is known that something changed: they load while this process reads the
// configuration.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openPool, type Pool } from '../engine/pool.ts';
import type { Asked } from './build.ts';

export interface Workers {
  readonly pool: Pool;
  readonly jobs: number;
}

export function startWorkers({ given, home, cache }: Asked): Workers {
  const jobs = Number(given.options['jobs'] ?? availableParallelism());
  const pool = openPool({ entry: join(home, 'worker.js'), args: [cache], jobs });
  // One at first: this process has things to load as well.
  pool.warm(1);
  return { pool, jobs };
}
