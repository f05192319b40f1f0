// How far a task, a goal, a part of one, or all of a build has come: jobs by what became of them.
import { noCounts, type Counts } from '../engine/events.ts';
import type { RunningJob, View } from './view.ts';

export interface Progress extends Counts {
  readonly queued: number;
  readonly running: number;
  /** What the queued ones took the last time, where known. */
  readonly waitingSeconds: number;
}

export type Change = Partial<Progress>;

export const noProgress: Progress = { ...noCounts, queued: 0, running: 0, waitingSeconds: 0 };

export function add(progress: Progress, change: Change): Progress {
  const sum = (name: keyof Progress): number => progress[name] + (change[name] ?? 0);
  const queued = sum('queued');
  return {
    hit: sum('hit'), built: sum('built'), failed: sum('failed'), skipped: sum('skipped'), queued, running: sum('running'),
    // What rounding left behind must not be waited for.
    waitingSeconds: queued === 0 ? 0 : sum('waitingSeconds'),
  };
}

export function doneOf({ hit, built, failed, skipped }: Progress): number {
  return hit + built + failed + skipped;
}

/** All that is known of so far: more may come. */
export function knownOf(progress: Progress): number {
  return doneOf(progress) + progress.queued + progress.running;
}

/** Seconds until what waits and runs is done, as far as past durations tell; undefined: they tell nothing. `part`: of that alone. */
export function timeLeft(view: View, now: number, part?: string): number | undefined {
  const waiting = part === undefined ? view.all : view.parts[part];
  const running = [...view.running.values()].filter((job) => part === undefined || job.part === part).map((job) => remaining(job, now));
  const seconds = (waiting?.waitingSeconds ?? 0) + running.reduce((sum, one) => sum + one, 0);
  // No sooner than the longest of them, however many workers there are.
  return seconds === 0 ? undefined : Math.max(seconds / Math.max(1, view.jobs), ...running);
}

function remaining({ since, expected = 0 }: RunningJob, now: number): number {
  return Math.max(0, expected - (now - since) / 1000);
}

export interface InUse {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** What running jobs take. Small jobs start together and run one after another: as many count as there are cores for, the heaviest first. */
export function inUse({ running, jobs }: Pick<View, 'running' | 'jobs'>): InUse {
  let [cores, memoryBytes] = [0, 0];
  for (const job of [...running.values()].sort((a, b) => b.memoryBytes - a.memoryBytes)) {
    if (cores > 0 && cores + job.cores > jobs) continue;
    cores += job.cores;
    memoryBytes += job.memoryBytes;
  }
  return { cores, memoryBytes };
}
