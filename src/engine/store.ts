// What the engine needs of a cache. Reads are synchronous (a look-up costs microseconds), writes are promises that
// resolve when they are committed. cache/ has two implementations, held to one contract by test/cache/contract.test.ts.
import type { Digest, Key } from '../base/digest.ts';
import type { Stamp } from './stamp.ts';
import type { Artifact } from './task.ts';

/** What the store keeps under a key. */
export interface Receipt {
  readonly outputs: Readonly<Record<string, Artifact>>;
  readonly log: readonly string[];
  readonly ms: number;
}

export interface Publication {
  readonly key: Key;
  readonly receipt: Receipt;
  /** Canonical text of the recipe, for `why`. */
  readonly recipe: string;
}

/** Why a blob can't be had. Either way the job that made it runs again. */
export type Lost = 'missing' | 'corrupt';

/** A file's content, as long as its stamp is this one. */
export interface Stamped {
  readonly stamp: Stamp;
  readonly digest: Digest;
}

/** The last time that a job of this task and label was asked for, and the key before that one if it differed. */
export interface LastRun {
  readonly key: Key;
  readonly before?: Key;
  readonly ms: number;
  /** `ms`, and the longest chain of jobs behind it. */
  readonly pathMs?: number;
}

export interface JobRecord {
  readonly task: string;
  readonly label: string;
  readonly key: Key;
  readonly outcome: 'hit' | 'built' | 'failed' | 'skipped';
  readonly ms: number;
  /** What it takes, and the longest chain of jobs behind it; absent when not all of them came out. */
  readonly pathMs?: number;
}

/** One build in the history. `jobs` lists those that were not hits. */
export interface BuildRecord {
  readonly at: number;
  readonly seconds: number;
  readonly tasks: Readonly<Record<string, { readonly hit: number; readonly built: number; readonly failed: number; readonly skipped: number; readonly ms: number }>>;
  readonly jobs: readonly JobRecord[];
}

export interface Touched {
  readonly keys: ReadonlySet<Key>;
  readonly digests: ReadonlySet<Digest>;
}

export interface Swept {
  readonly receipts: number;
  readonly blobs: number;
  readonly bytes: number;
  /** What is left. Over the cap when all of it is in use by running builds. */
  readonly keptBytes: number;
  readonly capBytes: number;
}

export interface Store {
  /** All in one read; a found receipt counts as used now. */
  receipts(keys: readonly Key[]): readonly (Receipt | Lost)[];
  recipe(key: Key): string | undefined;
  /** In one transaction. Call it only when the blobs are committed: the receipt is written last. */
  publish(publications: readonly Publication[]): Promise<void>;

  /** Bytes that are the caller's own, checked on the way. */
  blob(digest: Digest): Uint8Array | Lost;
  has(digest: Digest): boolean;
  /** Copies or writes `bytes` before it returns; resolves when committed. `digest` is theirs: the caller has hashed them. */
  keep(digest: Digest, bytes: Uint8Array, mode?: 'overwrite'): Promise<void>;

  stamped(path: string): Stamped | undefined;
  stamp(path: string, stamped: Stamped): Promise<void>;

  lastRun(job: { readonly task: string; readonly label: string }): LastRun | undefined;
  /** The newest first. */
  history(count: number): readonly BuildRecord[];
  /** Appends a build, and makes `jobs` (all of them, hits too) the last runs of their labels. */
  record(build: BuildRecord, jobs: readonly JobRecord[]): Promise<void>;

  /** Least recently used goes first until the cap is kept; never what a running build touched. */
  sweep(touched: Touched): Promise<Swept>;
  /** Waits for every write. */
  close(): Promise<void>;
}
