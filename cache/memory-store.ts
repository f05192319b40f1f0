// A store in this process's memory: for tests, and for builds that should leave nothing behind.
import type { Digest, Key } from '../src/base/digest.ts';
import { historyMax, type BuildRecord, type LastRun, type Lost, type Publication, type Receipt, type Stamped, type Store } from '../src/engine/store.ts';
import { checked, digestsOf, nextLastRun } from './entries.ts';
import { planSweep, type Shelf } from './sweep.ts';

export interface MemoryStore extends Store {
  /** Spoils what is stored, for tests: the next read finds it missing or corrupt. */
  spoil(digest: Digest, how: Lost): void;
}

export interface MemoryStoreOptions {
  readonly capBytes?: number;
  readonly now?: () => number;
}

export function openMemoryStore({ capBytes = Infinity, now = Date.now }: MemoryStoreOptions = {}): MemoryStore {
  const published = new Map<Key, { publication: Publication; used: number }>();
  const blobs = new Map<Digest, { bytes: Uint8Array; at: number; corrupt: boolean }>();
  const stamps = new Map<string, Stamped>();
  const lastRuns = new Map<string, LastRun>();
  const builds: BuildRecord[] = [];

  return {
    receipts: (keys) =>
      keys.map((key): Receipt | Lost => {
        const found = published.get(checked(key));
        if (found === undefined) return 'missing';
        found.used = now();
        return found.publication.receipt;
      }),
    recipe: (key) => published.get(checked(key))?.publication.recipe,
    async publish(publications) {
      for (const publication of publications) published.set(checked(publication.key), { publication, used: now() });
    },
    blob(digest) {
      const found = blobs.get(checked(digest));
      if (found === undefined) return 'missing';
      return found.corrupt ? 'corrupt' : found.bytes.slice();
    },
    has: (digest) => blobs.has(checked(digest)),
    async keep(digest, bytes, mode) {
      const known = blobs.get(checked(digest));
      if (known !== undefined && mode !== 'overwrite') known.at = now();
      else blobs.set(digest, { bytes: new Uint8Array(bytes), at: now(), corrupt: false });
    },
    stamped: (path) => stamps.get(path),
    async stamp(path, stamped) {
      stamps.set(path, stamped);
    },
    lastRun: ({ task, label }) => lastRuns.get(`${task}\0${label}`),
    history: (count) => builds.slice(0, count),
    async record(build, jobs) {
      builds.unshift({ number: (builds[0]?.number ?? 0) + 1, ...build });
      builds.splice(historyMax);
      for (const job of jobs) {
        const name = `${job.task}\0${job.label}`;
        lastRuns.set(name, nextLastRun(lastRuns.get(name), job));
      }
    },
    async sweep(touched) {
      const shelf: Shelf = {
        receipts: [...published].map(([key, { publication, used }]) => ({ key, used, digests: digestsOf(publication.receipt), bytes: publication.recipe.length })),
        blobs: [...blobs].map(([digest, { bytes, at }]) => ({ digest, at, bytes: bytes.byteLength })),
      };
      const plan = planSweep(shelf, { capBytes, touched, protectedSince: Infinity });
      for (const key of plan.keys) published.delete(key);
      for (const digest of plan.digests) blobs.delete(digest);
      return plan.swept;
    },
    async close() {},
    spoil(digest, how) {
      const found = blobs.get(digest);
      if (found === undefined) throw new Error(`BUG: no blob ${digest} to spoil`);
      if (how === 'missing') blobs.delete(digest);
      else found.corrupt = true;
    },
  };
}
