// Interface of the engine, as the pipeline sees it. start.ts implements it.
import type { Artifact, Task } from './task.ts';

export interface Request {
  /** What the user sees: 'tile det/Conv_12'. Not part of the key. */
  readonly label: string;
  /** The part of the goal that it works for, where there are several: views count by it. Not part of the key. */
  readonly part?: string;
  /** JSON; the task's schema parses it before anything else. */
  readonly options?: object;
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

/** A job that failed, or one that was not run because another failed or the user interrupted. Its fault is already an event. */
export class JobFailed extends Error {
  readonly task: string;
  readonly label: string;
  readonly outcome: 'failed' | 'skipped';
  /** The exit code that the build ends with when this reaches the command line. */
  readonly exit: 1 | 2 | 70 | 130;
  constructor(parts: { task: string; label: string; outcome: 'failed' | 'skipped'; exit: 1 | 2 | 70 | 130 }) {
    super(`${parts.task} ${parts.label}: ${parts.outcome}`);
    this.name = 'JobFailed';
    this.task = parts.task;
    this.label = parts.label;
    this.outcome = parts.outcome;
    this.exit = parts.exit;
  }
}
