// What serves every build of a command: the store and the worker processes. `axbuild build` uses it once, `axbuild watch` for an afternoon.
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import type { Pool } from '../engine/pool.ts';
import type { Store } from '../engine/store.ts';
import type { Asked } from './ask.ts';
import type { Workers } from './workers.ts';

export interface Workshop {
  readonly asked: Asked;
  readonly store: Store;
  readonly pool: Pool;
  /** Acts that change outputs, one after the other: a round that was handed over may still be at it when the next one comes to it. */
  oneByOne<T>(act: () => Promise<T>): Promise<T>;
  /** Closes the store; the pool is its owner's to close. */
  close(): Promise<void>;
}

export async function openWorkshop(asked: Asked, { pool }: Workers): Promise<Workshop> {
  const store = await openLmdbStore({ folder: asked.cache });
  pool.warm();
  let last: Promise<unknown> = Promise.resolve();
  return {
    asked, store, pool,
    oneByOne(act) {
      const next = last.then(act);
      last = next.catch(() => {}); // whoever asked for it hears of it
      return next;
    },
    close: () => store.close(),
  };
}
