// Streams of events to look at: a recorded one, and small ones made for a case.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Key } from '../../src/base/digest.ts';
import type { Event, JobFinished } from '../../src/engine/events.ts';

export interface Seen {
  /** Milliseconds from the beginning. */
  readonly at: number;
  readonly event: Event;
}

/** By name. */
export const streams: Readonly<Record<string, () => readonly Seen[]>> = { cold, failed, edited, broad };

/** A build of examples/ into an empty cache: record.ts. */
function cold(): readonly Seen[] {
  const text = gunzipSync(readFileSync(join(import.meta.dirname, 'recorded/examples-cold.jsonl.gz'))).toString();
  return text.trimEnd().split('\n').map((line) => {
    const { at, ...event } = JSON.parse(line) as { at: number } & Event; // record.ts wrote it
    return { at, event };
  });
}

const name = (task: string, label: string, part?: string): { task: string; label: string; key: Key; part?: string } => ({ task, label, key: `${task} ${label}` as Key, ...(part !== undefined && { part }) });
const finished = (job: ReturnType<typeof name>, outcome: JobFinished['outcome'], more: Partial<JobFinished> = {}): Event => ({ event: 'finished', ...job, outcome, seconds: 0, ...more });
const build: Event = { event: 'build', workspace: '/w', goals: ['cls', 'det'], jobs: 4, memoryBytes: 16e9 };
const unit = 'det subgraph_npu_0';

/** A job fails while others run and wait. Their names are long, or not fit for a terminal. */
function failed(): readonly Seen[] {
  const long = name('check', 'det backbone.stages.3.blocks.11.attention.query_key_value_projection.MatMul.quantised', unit);
  const odd = name('check', 'det \x1b[31mred\x07\n', unit);
  const bad = name('check', 'det p2o.Conv.61', unit);
  const hits = Array.from({ length: 40 }, (_, i) => finished(name('tile', `det p2o.Conv.${i}`, unit), 'hit', { saved: 0.5 }));
  return [
    { at: 0, event: build },
    { at: 10, event: { event: 'goal', goal: 'cls', outcome: 'unchanged', written: [], seconds: 0.01 } },
    { at: 10, event: { event: 'begun', goal: 'det' } },
    ...hits.map((event) => ({ at: 20, event })),
    ...[long, odd, bad, ...Array.from({ length: 6 }, (_, i) => name('check', `det p2o.Conv.${i}`, unit))].map((job) => ({ at: 30, event: { event: 'queued', ...job, expected: 8 } satisfies Event })),
    ...[long, odd, bad].map((job) => ({ at: 1000, event: { event: 'started', ...job, cores: 1, memoryBytes: 1.5e9, expected: 8 } satisfies Event })),
    ...Array.from({ length: 30 }, (_, i) => ({ at: 2000 + i, event: { event: 'log', ...long, line: `sample ${i}: 0 of 451584 values differ` } satisfies Event })),
    { at: 2500, event: { event: 'log', ...odd, line: '\x1b[2Jcleared?' } },
    { at: 3000, event: finished(bad, 'failed', { seconds: 2 }) },
    { at: 3000, event: { event: 'fault', text: 'check det p2o.Conv.61: the program and the reference disagree\n   first at  [0,12,40,7]   reference 131, program 130\n   in all    14 of 451584 values', exit: 1, task: 'check', label: bad.label } },
  ];
}

/** Two rounds of watch: an edit moves the numbers of one goal. */
function edited(): readonly Seen[] {
  const resolve = name('resolve', 'det');
  const link = name('link', unit, unit);
  const goal = (outcome: 'built' | 'unchanged', numbers?: Record<string, number>): Event => ({ event: 'goal', goal: 'det', outcome, written: [], seconds: 0.31, ...(numbers && { numbers }) });
  const cls: Event = { event: 'goal', goal: 'cls', outcome: 'unchanged', written: [], seconds: 0 };
  const summary: Event = { event: 'summary', goals: { cls: 'unchanged', det: 'built' }, tasks: {}, seconds: 0.34 };
  return [
    ...[build, cls, { event: 'begun', goal: 'det' } as const, goal('built', { cycles: 652752, bytes: 1401270, cosine: 0.99012 }), summary].map((event) => ({ at: 0, event })),
    { at: 5000, event: build },
    { at: 5000, event: cls },
    { at: 5010, event: { event: 'begun', goal: 'det' } },
    ...[resolve, link].flatMap((job): Seen[] => [
      { at: 5020, event: { event: 'queued', ...job } },
      { at: 5020, event: { event: 'started', ...job, cores: 1, memoryBytes: 1e8 } },
      { at: 5200, event: finished(job, 'built', { seconds: 0.18 }) },
    ]),
    { at: 5200, event: finished(name('tile', 'det p2o.Conv.1', unit), 'hit', { saved: 0.2 }) },
    { at: 5310, event: goal('built', { cycles: 661800, bytes: 1401270, cosine: 0.99357 }) },
    { at: 5340, event: summary },
  ];
}

/** Names and lines in a script whose characters take two columns each. */
function broad(): readonly Seen[] {
  const job = name('check', `det ${'模型'.repeat(60)}`, unit);
  return [
    { at: 0, event: build },
    { at: 0, event: { event: 'begun', goal: 'det' } },
    { at: 10, event: { event: 'queued', ...job } },
    { at: 10, event: { event: 'started', ...job, cores: 1, memoryBytes: 1e8 } },
    { at: 20, event: { event: 'log', ...job, line: '校准'.repeat(100) } },
    { at: 30, event: { event: 'fault', text: '错误'.repeat(100), exit: 1 } },
  ];
}
