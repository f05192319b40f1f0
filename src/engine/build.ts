// Interface of the engine, as the pipeline sees it. (The loop that implements it follows below once written.)
import type { Artifact, Task } from './task.ts';

export interface Request {
  /** What the user sees: 'tile det/Conv_12'. Not part of the key. */
  readonly label: string;
  /** Parsed by the task's schema before anything else; must be JSON. */
  readonly options?: unknown;
  readonly inputs?: Readonly<Record<string, Artifact | readonly Artifact[] | undefined>>;
  /** Members of open tables this job uses ('ops/Conv', 'passes/fold-bn', 'kinds/conv', 'targets/AX650'): their code digests are part of the key. */
  readonly uses?: readonly string[];
}

export type Outputs = Readonly<Record<string, Artifact>>;

export interface Build {
  /** The outputs of one job: from the store, or by running it. Rejects with JobFailed (already reported) when it failed. */
  run<Options>(task: Task<Options>, request: Request): Promise<Outputs>;
  /** Many small jobs of one task: one look-up, misses in chunks, receipts committed together. Results in the order of the requests. */
  map<Options>(task: Task<Options>, requests: readonly Request[]): Promise<readonly Outputs[]>;
  /** Bytes of an artifact or of a blob it refers to: for the pipeline's own decisions. */
  read(artifact: Artifact | { readonly digest: Artifact['digest'] }): Promise<Uint8Array>;
  /** A file outside the store, by content. Stamped; stamped again before anything that read it is published. */
  source(path: string): Promise<Artifact>;
}
