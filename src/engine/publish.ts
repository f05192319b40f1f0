// Receipts on their way into the store: collected while a transaction is under way, then committed together. Before
// each commit the files that went into them are stamped again; what came from a file that moved stays out.
import type { Key } from '../base/digest.ts';
import type { Event } from './events.ts';
import type { Entry, Ledger } from './ledger.ts';
import type { Sources } from './sources.ts';
import type { Receipt, Store } from './store.ts';

export interface Publisher {
  add(entry: Entry, receipt: Receipt): void;
  /** Resolves when all that was added is committed; rejects when the store could not. */
  flush(): Promise<void>;
  /** Files that moved during this build. */
  moved(): readonly string[];
}

export interface PublisherMeans {
  readonly store: Store;
  readonly sources: Sources;
  readonly ledger: Ledger;
  /** Those that are neither committed nor dropped yet. */
  readonly unpublished: Map<Key, Receipt>;
  emit(event: Event): void;
}

export function createPublisher({ store, sources, ledger, unpublished, emit }: PublisherMeans): Publisher {
  let waiting: { entry: Entry; receipt: Receipt }[] = [];
  let running: Promise<void> | undefined;
  let failure: Error | undefined;
  const moved = new Set<string>();

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await commit(batch);
      } finally {
        for (const { entry } of batch) unpublished.delete(entry.work.key);
      }
    }
  };
  const commit = async (batch: typeof waiting): Promise<void> => {
    const files = new Set(batch.flatMap(({ entry }) => [...ledger.sourcesOf(entry)]).filter((path) => !moved.has(path)));
    for (const path of sources.moved(files)) {
      moved.add(path);
      emit({ event: 'moved', path });
    }
    const sound = moved.size === 0 ? batch : batch.filter(({ entry }) => ![...ledger.sourcesOf(entry)].some((path) => moved.has(path)));
    if (sound.length > 0) await store.publish(sound.map(({ entry, receipt }) => ({ key: entry.work.key, receipt, recipe: entry.recipe })));
  };
  const start = (): void => {
    // In the next turn: whatever finishes in this one shares the commit.
    running ??= new Promise<void>((done) => setImmediate(done))
      .then(run)
      .catch((error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error));
        for (const { entry } of waiting.splice(0)) unpublished.delete(entry.work.key);
      })
      .finally(() => {
        running = undefined;
      });
  };
  return {
    add(entry, receipt) {
      waiting.push({ entry, receipt });
      unpublished.set(entry.work.key, receipt);
      start();
    },
    async flush() {
      while (running !== undefined || waiting.length > 0) {
        start();
        await running;
      }
      if (failure !== undefined) throw failure;
    },
    moved: () => [...moved],
  };
}
