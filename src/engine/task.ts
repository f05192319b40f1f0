// A task is a pure function over bytes: it sees its options and its inputs and nothing else, so that a key can't miss what it read.
import type { ZodType } from 'zod';
import type { Digest } from '../base/digest.ts';

/** A named output of a job. `refs` are blobs that the bytes name by digest: present wherever the artifact is. */
export interface Artifact {
  readonly digest: Digest;
  readonly size: number;
  readonly refs: readonly Digest[];
}

export type Output = Uint8Array | { readonly bytes: Uint8Array; readonly refs: readonly Digest[] };

/** What a job can see. */
export interface Job<Options> {
  readonly options: Options;
  /** Bytes of the one artifact given for a 'one' input. */
  input(name: string): Uint8Array;
  /** Bytes of the artifacts given for a 'many' input, in the order given. */
  inputs(name: string): readonly Uint8Array[];
  /** Bytes behind a digest that an input's refs name (content decides, so nothing escapes the key). */
  blob(digest: Digest): Uint8Array;
  /** Keeps a blob; its digest belongs into the refs of the output that names it. */
  keep(bytes: Uint8Array): Digest;
  /** Keeps something costly in this worker's memory; `key` must contain the digests of all it was made from. */
  memo<T>(key: string, make: () => T): T;
  /** A line for the job's log, which the receipt keeps. */
  say(line: string): void;
}

export interface Task<Options = unknown> {
  readonly name: string;
  readonly about: string;
  readonly options: ZodType<Options>;
  readonly inputs: Readonly<Record<string, 'one' | 'many' | 'optional'>>;
  readonly outputs: readonly string[];
  /** Pure computing without native code: where it took a moment the last time, it runs in the building process and saves the way to a worker. */
  readonly light?: boolean;
  /** Declared need of one job; the pool never exceeds either. Defaults: 1 core, 100 MB. */
  readonly cores?: number;
  readonly memoryBytes?: number;
  run(job: Job<Options>): Promise<Readonly<Record<string, Output>>>;
}

export function defineTask<Options>(task: Task<Options>): Task<Options> {
  return task;
}

// The one `any` in the house: a list of tasks with different options has no narrower type.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyTask = Task<any>;
