// What the history keeps of a build.
import type { Tally } from './events.ts';
import type { Entry } from './ledger.ts';
import type { AskedJob } from './past.ts';
import { pathsOf } from './paths.ts';
import type { BuildFacts, JobRecord } from './store.ts';

export interface EndedBuild extends Pick<BuildFacts, 'workspace' | 'command' | 'goals'> {
  readonly began: number;
  readonly tally: Tally;
  readonly entries: readonly Entry[];
}

/** The record, and the jobs that become the last runs of their labels: those that have outputs. */
export function recordOf({ began, tally, entries, ...about }: EndedBuild): { readonly build: BuildFacts; readonly jobs: readonly JobRecord[] } {
  const all = entries.map((entry): JobRecord => ({ task: entry.task.name, label: entry.label, key: entry.work.key, outcome: entry.outcome ?? 'skipped', ms: entry.ms }));
  const times = new Map<string, number>();
  for (const { task, ms } of all) times.set(task, (times.get(task) ?? 0) + ms);
  const tasks = Object.fromEntries(Object.entries(tally).map(([task, counts]) => [task, { ...counts, ms: times.get(task) ?? 0 }]));
  const savedMs = entries.reduce((sum, { outcome, found }) => sum + (outcome === 'hit' && found ? found.savedMs : 0), 0);
  const jobs = worthTelling(all.filter(({ outcome }) => outcome !== 'hit').map(({ key: _, ...job }) => job));
  const build = { at: began, seconds: (Date.now() - began) / 1000, ...about, tasks, savedMs, jobs };
  // What is behind a job is known when all of it came out.
  const paths = all.every(hasOutputs) ? pathsOf(entries) : new Map<Entry, number>();
  const named = entries.flatMap((entry, i) => {
    const pathMs = paths.get(entry);
    return [entry.label, ...(entry.also ?? [])].map((label): JobRecord => ({ ...all[i]!, label, ...(pathMs !== undefined && { pathMs }) }));
  });
  return { build, jobs: named.filter(hasOutputs) };
}

function hasOutputs({ outcome }: JobRecord): boolean {
  return outcome === 'hit' || outcome === 'built';
}

/** Of very many jobs, those that failed and the slowest. */
function worthTelling(jobs: BuildFacts['jobs']): BuildFacts['jobs'] {
  if (jobs.length <= jobsMax) return jobs;
  const failed = jobs.filter(({ outcome }) => outcome === 'failed');
  const others = jobs.filter(({ outcome }) => outcome !== 'failed').sort((a, b) => b.ms - a.ms);
  return [...failed, ...others].slice(0, jobsMax);
}

const jobsMax = 1000;

/** Every job under every name it was asked for by. */
export function askedJobs(entries: readonly Entry[]): AskedJob[] {
  return entries.flatMap(({ task, label, also = [], work, outcome = 'skipped', recipe }) => {
    const isLost = outcome === 'failed' || outcome === 'skipped';
    return [label, ...also].map((name) => ({ task: task.name, label: name, key: work.key, outcome, ...(isLost && { recipe }) }));
  });
}
