// How long a build would take if all that will or may run does: by past durations, with so many workers.
import type { Lineage } from './lineage.ts';
import type { PlannedJob } from './plan.ts';

export interface Estimate {
  /** What no schedule can do better than: the longest chain of jobs, or an equal share of all for each worker. */
  readonly ms: number;
  readonly workers: number;
  /** Jobs that would run and never ran before: they are not in it. */
  readonly unknown: number;
}

/** `lineage`: of the last build, which tells what waits for what. */
export function estimateOf(planned: readonly PlannedJob[], lineage: Lineage | undefined, workers: number): Estimate {
  const due = planned.filter(({ fate }) => fate !== 'hit');
  const times = new Map(due.flatMap(({ task, label, also, ms }) => (ms === undefined ? [] : [label, ...also].map((name) => [`${task} ${name}`, ms] as const))));
  const all = due.reduce((sum, { ms = 0 }) => sum + ms, 0);
  const longest = Math.max(0, ...due.map(({ ms = 0 }) => ms), lineage === undefined ? 0 : longestChain(lineage, times));
  return { ms: Math.max(longest, all / workers), workers, unknown: due.filter(({ ms }) => ms === undefined).length };
}

function longestChain({ jobs, readings }: Lineage, times: ReadonlyMap<string, number>): number {
  const makers = new Map<number, number[]>();
  for (const { from, to } of readings) if (from.kind === 'job') makers.set(to, [...(makers.get(to) ?? []), from.index]);
  const ends: number[] = [];
  // Makers come before readers.
  jobs.forEach(({ task, label }, index) => {
    const before = Math.max(0, ...(makers.get(index) ?? []).map((maker) => ends[maker]!));
    ends.push(before + (times.get(`${task} ${label}`) ?? 0));
  });
  return Math.max(0, ...ends);
}
