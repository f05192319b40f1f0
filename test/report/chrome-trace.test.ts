// The Chrome trace of a build: what chrome://tracing and Perfetto read.
import assert from 'node:assert/strict';
import test from 'node:test';
import { chromeTrace, type TracedBuild } from '../../src/report/chrome-trace.ts';

const traced: TracedBuild = {
  spans: [
    { task: 'load', label: 'det', outcome: 'built', lane: 900, startMs: 1, ms: 10, isCritical: true },
    { task: 'scan', label: 'det', outcome: 'built', lane: 0, startMs: 2, ms: 0.5, isCritical: false },
    { task: 'link', label: 'det', outcome: 'failed', lane: 901, startMs: 12.5, ms: 4, isCritical: true },
  ],
  hits: [{ task: 'merge', label: 'det', atMs: 3, savedMs: 700.04 }],
  critical: { ms: 14, jobs: [{ task: 'load', label: 'det', ms: 10 }, { task: 'link', label: 'det', ms: 4 }] },
};

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, unknown>>;
}

const { otherData, traceEvents } = JSON.parse(chromeTrace(traced, { command: ['build', 'det'], goals: { det: 'failed' }, seconds: 1.5 })) as { otherData: object; traceEvents: TraceEvent[] };
const of = (ph: string): TraceEvent[] => traceEvents.filter((event) => event.ph === ph);

test('a lane for the building process, and one for each worker', () => {
  assert.deepEqual(of('M').filter(({ name }) => name === 'thread_name').map(({ tid, args }) => [tid, args['name']]), [[0, 'building process, hits'], [1, 'worker 1 (process 900)'], [2, 'worker 2 (process 901)']]);
});

test('each job with when, how long, where, and what became of it', () => {
  assert.deepEqual(of('X').map(({ name, tid, ts, dur, args }) => [name, tid, ts, dur, args['outcome']]), [['load det', 1, 1000, 10_000, 'built'], ['scan det', 0, 2000, 500, 'built'], ['link det', 2, 12_500, 4000, 'failed']]);
});

test('the critical path is marked, and an arrow leads along it', () => {
  assert.deepEqual(of('X').map((event) => 'cname' in event), [true, false, true]);
  assert.deepEqual([...of('s'), ...of('f')].map(({ tid, ts }) => [tid, ts]), [[1, 11_000], [2, 12_500]]);
});

test('hits are instants that tell what they saved', () => {
  assert.deepEqual(of('i').map(({ name, tid, ts, args }) => [name, tid, ts, args['saved_ms']]), [['merge det', 0, 3000, 700]]);
});

test('the sums', () => {
  assert.deepEqual(otherData, {
    tool: 'axbuild', command: ['build', 'det'], goals: { det: 'failed' }, seconds: 1.5, ran: 3, ran_ms: 14.5, hits: 1, saved_ms: 700,
    critical_path: { ms: 14, jobs: [{ job: 'load det', ms: 10 }, { job: 'link det', ms: 4 }] },
  });
});
