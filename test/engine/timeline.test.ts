// What ran when and where, and the critical path of builds whose shape is known.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { digestOf } from '../../src/base/digest.ts';
import { inProcess } from '../../src/engine/executor.ts';
import type { Entry, Run } from '../../src/engine/ledger.ts';
import { timelineOf } from '../../src/engine/timeline.ts';
import { begin, makeFolder, makePool, makeStore, one } from './rig.ts';
import { head, join, tasks } from './toy-tasks.ts';

interface Shape {
  readonly ms: number;
  /** Jobs whose output it reads. */
  readonly from?: readonly string[];
  readonly outcome?: 'built' | 'hit' | 'failed';
}

/** A build that never was: jobs by name, in the order in which they were asked for; runs as [job, lane, handed, answered]. */
function ledgerOf(shapes: Readonly<Record<string, Shape>>, runs: readonly (readonly [string, number, number, number?])[] = []): Parameters<typeof timelineOf>[0] {
  const entries = new Map(Object.entries(shapes).map(([label, { ms, from = [], outcome = 'built' }]) => {
    const inputs = { from: from.map((name) => ({ digest: digestOf(`made by ${name}`), size: 1, refs: [] })) };
    const entry = { label, outcome, ms: outcome === 'built' ? ms : 0, task: { name: 'toy' }, work: { inputs }, ...(outcome === 'hit' && { found: { savedMs: ms, atMs: 1 } }) } as unknown as Entry;
    return [label, entry] as const;
  }));
  const handed = runs.map(([label, lane, handedMs, answeredMs]): Run => {
    const entry = entries.get(label)!;
    return (entry.run = { entry, lane, handedMs, ...(answeredMs !== undefined && { answeredMs }) });
  });
  const makers = new Map([...entries].map(([label, entry]) => [digestOf(`made by ${label}`), entry]));
  return {
    entries: entries as never,
    runs: handed,
    producerOf: (digest) => (makers.has(digest) ? { kind: 'job', entry: makers.get(digest)! } : undefined),
  };
}

function path(shapes: Readonly<Record<string, Shape>>): string {
  const { critical: { ms, jobs } } = timelineOf(ledgerOf(shapes));
  return `${jobs.map(({ label }) => label).join(' ')}, ${ms} ms`;
}

test('the critical path is the longest chain of jobs, not the longest job nor the longest list', () => {
  assert.equal(path({ a: { ms: 5 }, b: { ms: 6, from: ['a'] }, c: { ms: 1, from: ['a'] }, d: { ms: 4, from: ['b', 'c'] }, alone: { ms: 14 } }), 'a b d, 15 ms');
  assert.equal(path({ a: { ms: 1 }, b: { ms: 1, from: ['a'] }, c: { ms: 1, from: ['b'] }, alone: { ms: 4 } }), 'alone, 4 ms');
  assert.equal(path({}), ', 0 ms');
});

test('it leads through hits, which take no time and are not part of it', () => {
  assert.equal(path({ a: { ms: 5 }, b: { ms: 100, from: ['a'], outcome: 'hit' }, c: { ms: 2, from: ['b'] }, other: { ms: 6 } }), 'a c, 7 ms');
});

test('jobs that a worker got in one go stand one after the other in its lane, in the order in which it got them', () => {
  const { spans } = timelineOf(ledgerOf({ a: { ms: 3 }, b: { ms: 2 }, c: { ms: 4 }, d: { ms: 9 } }, [['a', 7, 10, 20], ['b', 7, 10, 20], ['d', 8, 10, 19], ['c', 7, 21, 30]]));
  assert.deepEqual(spans.map(({ label, lane, startMs, ms }) => [label, lane, startMs, ms]), [['a', 7, 10, 3], ['d', 8, 10, 9], ['b', 7, 13, 2], ['c', 7, 21, 4]]);
});

test('a run that died with its worker is left out: the job ran again', () => {
  const { spans } = timelineOf(ledgerOf({ a: { ms: 3 } }, [['a', 7, 0], ['a', 8, 5, 9]]));
  assert.deepEqual(spans.map(({ lane, startMs }) => [lane, startMs]), [[8, 5]]);
});

test('a real build: its chain is the critical path, what hits is told of with what it saved', async () => {
  const store = openMemoryStore();
  for (const word of ['x', 'y']) {
    const build = begin({ store, executor: inProcess({ store, tasks }), workspace: makeFolder() });
    await build.run(join, { label: 'hit', inputs: { from: [] } });
    const first = await build.run(join, { label: 'first', options: { word, bytes: 200_000 }, inputs: { from: [] } });
    const second = await build.run(join, { label: 'second', options: { word }, inputs: { from: [one(first), one(first)] } });
    await build.run(head, { label: 'third', options: { letters: 2 }, inputs: { text: one(second) } });
    await build.close();
    if (word === 'x') continue;
    const { spans, hits, critical } = build.timeline();
    assert.deepEqual(critical.jobs.map(({ label }) => label), ['first', 'second', 'third']);
    assert.deepEqual(spans.map(({ label, lane }) => [label, lane]), [['first', 0], ['second', 0], ['third', 0]]);
    assert.ok(spans.every(({ startMs, ms }, i) => startMs >= 0 && ms >= 0 && (i === 0 || startMs >= spans[i - 1]!.startMs + spans[i - 1]!.ms)));
    assert.deepEqual(hits.map(({ label, savedMs }) => [label, savedMs >= 0]), [['hit', true]]);
  }
});

test('workers are told apart', async () => {
  const folder = makeFolder();
  const store = await makeStore(folder);
  const pool = makePool(folder);
  const build = begin({ store, executor: pool.client(), workspace: folder });
  await build.map(join, Array.from({ length: 6 }, (_, n) => ({ label: `${n}`, options: { word: `${n}` }, inputs: { from: [] } })));
  await build.close();
  const { spans } = build.timeline();
  const pids = new Set(pool.pids());
  assert.equal(spans.length, 6);
  assert.ok(spans.every(({ lane }) => pids.has(lane)));
});
