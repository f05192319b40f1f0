// What a dry run found, as text.
import type { Estimate } from '../engine/estimate.ts';
import type { Fate, Plan, PlannedJob } from '../engine/plan.ts';
import { countOf, durationOf } from './amounts.ts';
import { tableLines } from './table.ts';

export interface PlanText {
  readonly goal: string;
  readonly plan: Plan;
  /** Every label instead of the first few. */
  readonly all: boolean;
  /** How long all that will and may run would take. */
  readonly estimate: Estimate;
}

const labelsMax = 20;
const causesMax = 3;

export function planText({ goal, plan, all, estimate }: PlanText): string {
  const { jobs, stops, behind, remembered } = plan;
  const of = (fate: Fate): PlannedJob[] => jobs.filter((job) => job.fate === fate);
  const will = of('will run');
  const may = of('may run');
  const counts = (['hit', 'will run', 'may run'] as const).flatMap((fate) => (of(fate).length === 0 ? [] : [`${of(fate).length} ${fate}`]));
  const lines = [`${goal}  ${will.length + may.length === 0 ? `everything hits: ${countOf(of('hit').length, 'job')}` : counts.join(', ')}`, ...taskLines(jobs)];
  if (will.length > 0) lines.push(`will run${timeOf(will)}`, ...jobLines(will, { all, noteOf: (job) => (job.lost === undefined ? '' : `the cache has lost what it made (${job.lost})`) }));
  for (const [causes, group] of byCauses(may)) {
    lines.push(`may run, ${causes}${timeOf(group)}`, ...(all ? jobLines(group, { all, noteOf: () => '' }) : perTask(group)));
  }
  if (stops.length > 0 && !remembered) lines.push(`and all that is behind ${named(stops)}: no build of ${goal} is remembered`);
  if (behind > 0) lines.push(`and jobs that the last build didn't have, if ${named(stops)} gives more to do`);
  lines.push(...estimateLines(estimate));
  return `${lines.join('\n')}\n`;
}

function taskLines(jobs: readonly PlannedJob[]): string[] {
  const tasks = new Map<string, Record<Fate, number>>();
  for (const { task, fate } of jobs) {
    const counts = tasks.get(task) ?? { 'hit': 0, 'will run': 0, 'may run': 0 };
    counts[fate]++;
    tasks.set(task, counts);
  }
  const cell = (count: number): string | number => (count === 0 ? '' : count);
  return tableLines([['task', 'hit', 'will run', 'may run'], ...[...tasks].map(([task, counts]) => [task, cell(counts.hit), cell(counts['will run']), cell(counts['may run'])])]);
}

function estimateLines({ ms, workers, unknown }: Estimate): string[] {
  if (ms === 0) return [];
  return [`if all of it runs: about ${durationOf(ms)} with ${countOf(workers, 'worker')}${unknown === 0 ? '' : `, and what ${countOf(unknown, 'job')} without a past ${unknown === 1 ? 'takes' : 'take'}`}`];
}

function jobLines(jobs: readonly PlannedJob[], { all, noteOf }: { all: boolean; noteOf: (job: PlannedJob) => string }): string[] {
  const shown = all ? jobs : jobs.slice(0, labelsMax);
  const rows = shown.map((job) => [`${job.task} ${job.label}`, job.ms === undefined ? '' : durationOf(job.ms), noteOf(job)]);
  return [...tableLines(rows), ...(shown.length < jobs.length ? [`  and ${jobs.length - shown.length} more: --all names them`] : [])];
}

function perTask(jobs: readonly PlannedJob[]): string[] {
  const tasks = [...new Set(jobs.map(({ task }) => task))];
  return tableLines(tasks.map((task) => {
    const own = jobs.filter((job) => job.task === task);
    return [task, own.length, timeOf(own).replace(/^, /, '')];
  }));
}

/** Jobs that wait for the same ones, together. */
function byCauses(jobs: readonly PlannedJob[]): Map<string, PlannedJob[]> {
  const groups = new Map<string, PlannedJob[]>();
  for (const job of jobs) {
    const causes = job.causes.length === 0 ? 'if what it makes is needed: the cache has lost it' : `if ${named(job.causes)} ${job.causes.length > 1 ? 'change their' : 'changes its'} output`;
    groups.set(causes, [...(groups.get(causes) ?? []), job]);
  }
  return groups;
}

function named(jobs: readonly string[]): string {
  const shown = jobs.slice(0, causesMax).join(' or ');
  return jobs.length > causesMax ? `${shown} or ${jobs.length - causesMax} more` : shown;
}

/** What they took the last time, added up. */
function timeOf(jobs: readonly PlannedJob[]): string {
  const known = jobs.flatMap(({ ms }) => ms ?? []);
  if (known.length === 0) return '';
  const sum = durationOf(known.reduce((total, ms) => total + ms, 0));
  return `, ${known.length < jobs.length ? 'at least ' : ''}${sum} the last time`;
}
