// The workspace's builds, as the cache remembers them: what history and diff tell of.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { Fault } from '../base/fault.ts';
import type { BuildRecord } from '../engine/store.ts';
import type { Arguments } from './arguments.ts';
import { foldersOf } from './ask.ts';

/** The newest first. Throws a Fault where there are none. */
export async function pastBuilds(given: Arguments): Promise<readonly BuildRecord[]> {
  const { workspace, cache } = foldersOf(given);
  const builds = existsSync(join(cache, 'v1')) ? (await historyOf(cache)).filter((build) => build.workspace === workspace) : [];
  if (builds.length > 0) return builds;
  throw new Fault({ exit: 2, what: `no build of ${workspace} is remembered`, facts: [['cache', cache], ['try', 'axbuild build']] });
}

async function historyOf(folder: string): Promise<readonly BuildRecord[]> {
  const store = await openLmdbStore({ folder, role: 'worker' });
  try {
    return store.history();
  } finally {
    await store.close();
  }
}
