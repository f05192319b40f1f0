// What serves every build of a command: the store and the worker processes. `axbuild build` uses it once, `axbuild watch` for an afternoon.
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import type { Key } from '../base/digest.ts';
import type { Pool } from '../engine/pool.ts';
import type { Receipt, Store } from '../engine/store.ts';
import type { Asked } from './ask.ts';
import type { Workers } from './workers.ts';

export interface Workshop {
  readonly asked: Asked;
  readonly store: Store;
  readonly pool: Pool;
  /** What rounds that overlap have done, and the store doesn't have yet. */
  readonly unpublished: Map<Key, Receipt>;
  /** Closes the store; the pool is its owner's to close. */
  close(): Promise<void>;
}

export async function openWorkshop(asked: Asked, { pool }: Workers): Promise<Workshop> {
  const store = await openLmdbStore({ folder: asked.cache });
  pool.warm();
  return { asked, store, pool, unpublished: new Map(), close: () => store.close() };
}
