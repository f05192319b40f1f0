// What the engine needs of a cache. Reads are synchronous (a look-up costs microseconds), writes are promises that
// resolve when they are committed. cache/ has two implementations, held to one contract by test/cache/contract.test.ts.
import type { Json } from '../base/canonical.ts';
import type { Digest, Key } from '../base/digest.ts';
import type { GoalOutcome } from './events.ts';
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

/** What became of a goal in a build. */
export interface GoalNote {
  readonly goal: string;
  readonly outcome: GoalOutcome;
  readonly seconds: number;
  /** In force, by dotted path: those that aren't at their default. */
  readonly settings: Readonly<Record<string, Json>>;
  /** Of a goal that was built: what a person judges it by, and its files by their path below the output folder. */
  readonly numbers?: Readonly<Record<string, number>>;
  readonly outputs?: Readonly<Record<string, { readonly digest: Digest; readonly size: number }>>;
}

/** One build in the history, as it is handed in. */
export interface BuildFacts {
  /** Milliseconds of the clock. */
  readonly at: number;
  readonly seconds: number;
  readonly workspace: string;
  readonly command: readonly string[];
  readonly goals: readonly GoalNote[];
  readonly tasks: Readonly<Record<string, { readonly hit: number; readonly built: number; readonly failed: number; readonly skipped: number; readonly ms: number }>>;
  /** What the hits took when they ran. */
  readonly savedMs: number;
  /** Those that were not hits; of more than a thousand those that failed and the slowest. `tasks` counts all. */
  readonly jobs: readonly Omit<JobRecord, 'key'>[];
}

export interface BuildRecord extends BuildFacts {
  /** Counted by the store, from 1. */
  readonly number: number;
}

/** Older builds are forgotten. */
export const historyMax = 1000;

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
  /** The newest first; all that are kept, or so many. */
  history(count?: number): readonly BuildRecord[];
  /** Appends a build under the next number, and makes `jobs` (all of them, hits too) the last runs of their labels. */
  record(build: BuildFacts, jobs: readonly JobRecord[]): Promise<void>;

  /** Least recently used goes first until the cap is kept; never what a running build touched. */
  sweep(touched: Touched): Promise<Swept>;
  /** Waits for every write. */
  close(): Promise<void>;
}
