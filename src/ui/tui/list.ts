// The jobs that the screen lists: those that run first, the longest at the top, then what failed, then what was built, the latest first.
import type { Key } from '../../base/digest.ts';
import type { View } from '../view.ts';

export const filters = ['all', 'running', 'failed', 'built'] as const;
export type Filter = (typeof filters)[number];

export interface ListedJob {
  readonly key: Key;
  readonly task: string;
  readonly label: string;
  readonly state: Exclude<Filter, 'all'>;
  readonly seconds: number;
  readonly expected?: number;
}

export function listJobs({ running, ended }: Pick<View, 'running' | 'ended'>, filter: Filter, now: number): readonly ListedJob[] {
  const jobs = [
    ...[...running].map(([key, { task, label, since, expected }]): ListedJob => ({ key, task, label, state: 'running', seconds: (now - since) / 1000, ...(expected !== undefined && { expected }) })),
    ...[...ended].reverse().sort((a, b) => Number(b.outcome === 'failed') - Number(a.outcome === 'failed')).map(({ outcome, ...job }): ListedJob => ({ ...job, state: outcome })),
  ];
  return filter === 'all' ? jobs : jobs.filter(({ state }) => state === filter);
}

/** Where the job under the cursor stands; at the top when there is none, or it is no longer listed. */
export function indexOf(jobs: readonly ListedJob[], cursor: Key | undefined): number {
  return Math.max(0, jobs.findIndex(({ key }) => key === cursor));
}
