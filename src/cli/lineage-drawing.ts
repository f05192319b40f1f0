// The lineage of a goal as boxes and arrows: job by job, or task by task.
import type { Outcome } from '../engine/events.ts';
import type { Lineage, LineageJob, Maker } from '../engine/lineage.ts';
import type { Arrow, Box, Drawing, Look } from '../report/drawing.ts';
import { countOf, durationOf } from '../ui/amounts.ts';
import { shortPath } from './short-path.ts';

const lookOf: Readonly<Record<Outcome, Look>> = { built: 'ran', hit: 'found', failed: 'failed', skipped: 'found' };
const words: Readonly<Record<Outcome, string>> = { built: 'ran', hit: 'hit', failed: 'failed', skipped: 'skipped' };

export function drawJobs(title: string, { jobs, sources, readings }: Lineage): Drawing {
  const idOf = (maker: Maker): string => (maker.kind === 'job' ? `job ${maker.index}` : `source ${maker.path}`);
  const boxes = jobs.map(({ task, label, also, outcome, ms }, index): Box => ({
    id: idOf({ kind: 'job', index }),
    lines: [task, label, ...also, words[outcome] + (ms === undefined ? '' : `, ${durationOf(ms)}`)],
    look: lookOf[outcome],
  }));
  return { title, boxes: [...sources.map(sourceBox), ...boxes], arrows: readings.map(({ from, to, input }): Arrow => ({ from: idOf(from), to: idOf({ kind: 'job', index: to }), label: input })) };
}

export function drawTasks(title: string, { jobs, sources, readings }: Lineage): Drawing {
  const tasks = [...new Set(jobs.map(({ task }) => task))];
  const idOf = (maker: Maker): string => (maker.kind === 'job' ? `task ${jobs[maker.index]!.task}` : `source ${maker.path}`);
  const arrows = new Map<string, { readonly from: string; readonly to: string; readonly inputs: Set<string> }>();
  for (const { from, to, input } of readings) {
    const ends = { from: idOf(from), to: idOf({ kind: 'job', index: to }) };
    const name = `${ends.from}\0${ends.to}`;
    if (!arrows.has(name)) arrows.set(name, { ...ends, inputs: new Set() });
    arrows.get(name)!.inputs.add(input);
  }
  return {
    title,
    boxes: [...sources.map(sourceBox), ...tasks.map((task) => taskBox(task, jobs.filter((job) => job.task === task)))],
    arrows: [...arrows.values()].map(({ from, to, inputs }) => ({ from, to, label: [...inputs].join(', ') })),
  };
}

function taskBox(task: string, jobs: readonly LineageJob[]): Box {
  const count = (outcome: Outcome): number => jobs.filter((job) => job.outcome === outcome).length;
  const told = (['built', 'hit', 'failed', 'skipped'] as const).filter((outcome) => count(outcome) > 0);
  const ms = jobs.reduce((sum, job) => sum + (job.ms ?? 0), 0);
  return {
    id: `task ${task}`,
    lines: [task, `${countOf(jobs.length, 'job')}, ${durationOf(ms)}`, told.map((outcome) => `${count(outcome)} ${words[outcome]}`).join(', ')],
    look: lookOf[told.find((outcome) => outcome === 'failed') ?? told[0]!],
  };
}

function sourceBox(path: string): Box {
  return { id: `source ${path}`, lines: [shortPath(path)], look: 'given' };
}
