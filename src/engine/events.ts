// Everything that a build says, as one closed union. Views are folds of it; docs/events.md documents it for those who
// read the JSON lines. Field order is the order in the line.
import type { Digest, Key } from '../base/digest.ts';
import type { Place } from '../base/fault.ts';
import type { Lost } from './store.ts';

export type Outcome = 'hit' | 'built' | 'failed' | 'skipped';
export type Counts = Readonly<Record<Outcome, number>>;

/** 'unchanged': decided by the goal record, nothing was looked up. 'skipped': not begun or not finished, because of another goal. */
export type GoalOutcome = 'unchanged' | 'built' | 'failed' | 'skipped' | 'interrupted';

export type Exit = 0 | 1 | 2 | 70 | 130;

export interface BuildStarted {
  readonly event: 'build';
  readonly workspace: string;
  readonly goals: readonly string[];
  readonly jobs: number;
  /** What all running jobs together may take. */
  readonly memoryBytes: number;
}

/** A goal's turn has come: its jobs are asked for from now on. */
export interface GoalBegun {
  readonly event: 'begun';
  readonly goal: string;
}

/** The store has no receipt: the job will run as soon as there is room for it. */
export interface JobQueued {
  readonly event: 'queued';
  readonly task: string;
  readonly label: string;
  readonly key: Key;
  readonly part?: string;
  /** Seconds that it took the last time, where it is known. */
  readonly expected?: number;
}

export interface JobStarted {
  readonly event: 'started';
  readonly task: string;
  readonly label: string;
  readonly key: Key;
  readonly part?: string;
  /** What it declares to take. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** As when it was queued. */
  readonly expected?: number;
}

export interface JobLog {
  readonly event: 'log';
  readonly task: string;
  readonly label: string;
  readonly key: Key;
  readonly part?: string;
  readonly line: string;
}

export interface JobFinished {
  readonly event: 'finished';
  readonly task: string;
  readonly label: string;
  readonly key: Key;
  readonly part?: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  /** Of a hit: the seconds that the job took when it ran. */
  readonly saved?: number;
  /** Set when this job had an outcome in this build already and ran again as a repair: this one replaces it. */
  readonly was?: Outcome;
}

/** A blob of the cache was missing or corrupt, and its producer was asked for it again. `path`: a source. */
export interface Repaired {
  readonly event: 'repaired';
  readonly digest: Digest;
  readonly why: Lost;
  readonly by: string;
}

/** A source changed while it was in use: what was made from it is not published. */
export interface SourceMoved {
  readonly event: 'moved';
  readonly path: string;
}

export interface CacheSwept {
  readonly event: 'swept';
  readonly receipts: number;
  readonly blobs: number;
  readonly bytes: number;
  readonly keptBytes: number;
  readonly capBytes: number;
}

export interface GoalFinished {
  readonly event: 'goal';
  readonly goal: string;
  readonly outcome: GoalOutcome;
  /** Files written by this build: new, changed or restored. */
  readonly written: readonly string[];
  readonly seconds: number;
  /** What a person judges the result by, e.g. cycles, bytes, cosine: known when the goal was built. */
  readonly numbers?: Readonly<Record<string, number>>;
}

/** What a person must know to act; `text` is the fault's whole text. */
export interface FaultSeen {
  readonly event: 'fault';
  readonly text: string;
  readonly exit: Exit;
  /** Where the user's own file is wrong. */
  readonly place?: Place;
  readonly task?: string;
  readonly label?: string;
}

/** Under watch: files changed, and a round begins because of them; one that is under way is handed over, and its summary follows. None: asked for again. */
export interface SourcesChanged {
  readonly event: 'changed';
  readonly paths: readonly string[];
}

/** Under watch: the round is over, and the next change of one of the files begins another. */
export interface Watching {
  readonly event: 'watching';
  readonly files: number;
}

/** The last event of a build; under watch, of a round. */
export interface Summary {
  readonly event: 'summary';
  readonly goals: Readonly<Record<string, GoalOutcome>>;
  readonly tasks: Readonly<Record<string, Counts>>;
  readonly seconds: number;
}

export type Event =
  | BuildStarted | GoalBegun | JobQueued | JobStarted | JobLog | JobFinished | Repaired | SourceMoved | CacheSwept | GoalFinished | FaultSeen | SourcesChanged | Watching | Summary;

/** How often each outcome happened, by task; a repair's outcome replaces the one before. */
export type Tally = Readonly<Record<string, Counts>>;

export const noCounts: Counts = { hit: 0, built: 0, failed: 0, skipped: 0 };

export function tallied(tally: Tally, { task, outcome, was }: Pick<JobFinished, 'task' | 'outcome' | 'was'>): Tally {
  const counts = { ...(tally[task] ?? noCounts) };
  counts[outcome]++;
  if (was !== undefined) counts[was]--;
  return { ...tally, [task]: counts };
}

/** For the default of a switch over a closed union: the compiler lists what was forgotten. */
export function unreachable(never: never): never {
  throw new Error(`BUG: unexpected ${JSON.stringify(never)}`);
}
