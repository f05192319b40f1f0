// What a view knows of a build, from its events alone.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Key } from '../../src/base/digest.ts';
import type { Event } from '../../src/engine/events.ts';
import { annotationOf } from '../../src/ui/github.ts';
import { doneOf, inUse, knownOf, noProgress, timeLeft } from '../../src/ui/progress.ts';
import { emptyView, fold, goalOf, type View } from '../../src/ui/view.ts';
import { streams } from './streams.ts';

const seen = (name: string, until = Infinity): View => streams[name]!().filter(({ at }) => at <= until).reduce((view, { at, event }) => fold(view, event, at), emptyView);
const job = (label: string) => ({ task: 'check', label, key: label as Key });
const after = (...events: readonly Event[]): View => events.reduce((view, event) => fold(view, event, 1000), emptyView);
const build = (jobs: number): Event => ({ event: 'build', workspace: '/w', goals: ['det', 'a model'], jobs, memoryBytes: 8e9 });
const queued = (label: string, expected?: number): Event => ({ event: 'queued', ...job(label), ...(expected !== undefined && { expected }) });
const started = (label: string, { cores = 1, memoryBytes = 1e8, expected }: { cores?: number; memoryBytes?: number; expected?: number } = {}): Event => ({ event: 'started', ...job(label), cores, memoryBytes, ...(expected !== undefined && { expected }) });

test('at the end of a recorded build nothing waits or runs, and the counts are those of the summary', () => {
  const view = seen('cold');
  const summary = streams['cold']!().at(-1)!.event;
  assert.equal(summary.event, 'summary');
  assert.deepEqual({ queued: view.all.queued, running: view.all.running, waiting: view.all.waitingSeconds }, { queued: 0, running: 0, waiting: 0 });
  assert.deepEqual(Object.fromEntries(Object.entries(view.stages).map(([task, { hit, built, failed, skipped }]) => [task, { hit, built, failed, skipped }])), summary.event === 'summary' && summary.tasks);
  assert.equal(knownOf(view.all), doneOf(view.all));
  assert.deepEqual(Object.entries(view.goals).map(([name, { outcome, progress }]) => [name, outcome, knownOf(progress) > 300]), [['cls', 'built', true], ['det', 'built', true]]);
  assert.deepEqual(Object.keys(view.parts), ['cls subgraph_npu_0', 'det subgraph_npu_0']);
});

test('at every moment of it no count is below zero, and what is done never gets less', () => {
  let view = emptyView;
  let done = 0;
  for (const { at, event } of streams['cold']!()) {
    view = fold(view, event, at);
    assert.ok([view.all, ...Object.values(view.stages), ...Object.values(view.parts)].every((progress) => Object.values(progress).every((count) => count >= 0)), JSON.stringify(event));
    assert.ok(doneOf(view.all) >= done);
    done = doneOf(view.all);
    assert.equal(view.running.size, view.all.running);
  }
});

test('time left: what waits and runs by past durations, over the workers, and no less than the longest', () => {
  const view = after(build(2), queued('det a', 6), queued('det b', 4), queued('det c'), started('det a', { expected: 6 }));
  assert.equal(timeLeft(view, 1000), 6);
  assert.equal(timeLeft(view, 3000), 4);
  assert.equal(timeLeft(fold(view, queued('det d', 8), 1000), 1000), 9);
  assert.equal(timeLeft(after(build(2), queued('det c')), 1000), undefined);
});

test('what runs again after a repair counts once, and so does its new outcome', () => {
  const hit: Event = { event: 'finished', ...job('det a'), outcome: 'hit', seconds: 0 };
  // It starts twice: what it reads was lost as well.
  const view = after(build(2), hit, queued('det a'), started('det a'), started('det a'), { event: 'finished', ...job('det a'), outcome: 'built', seconds: 1, was: 'hit' });
  assert.deepEqual(view.all, { ...noProgress, built: 1 });
});

test('small jobs that start together take no more cores than there are', () => {
  const bulk = Array.from({ length: 50 }, (_, i) => started(`det ${i}`));
  const view = after(build(2), started('det big', { memoryBytes: 3e9 }), ...bulk);
  assert.deepEqual(inUse(view), { cores: 2, memoryBytes: 3.1e9 });
});

test('a job belongs to the goal that its label begins with, also where the name has a blank', () => {
  const view = after(build(2));
  assert.deepEqual(['det', 'det p2o.Conv.1', 'a model x', 'detail x'].map((label) => goalOf(view, label)), ['det', 'det', 'a model', undefined]);
});

test('a round begins anew, and keeps what the numbers were', () => {
  const { round, goals, all, faults } = seen('edited');
  assert.equal(round, 2);
  assert.deepEqual([goals['det']?.numbers, goals['det']?.before], [{ cycles: 661800, bytes: 1401270, cosine: 0.99357 }, { cycles: 652752, bytes: 1401270, cosine: 0.99012 }]);
  assert.deepEqual([all.built, all.hit, faults], [2, 1, []]);
});

test('of ten thousand jobs the failed ones stay listed, and the latest of the others', () => {
  const finished = (label: string, outcome: 'built' | 'failed'): Event => ({ event: 'finished', ...job(label), outcome, seconds: 0 });
  const view = after(build(2), finished('bad', 'failed'), ...Array.from({ length: 10_000 }, (_, i) => finished(`det ${i}`, 'built')));
  assert.equal(view.ended.length, 400);
  assert.deepEqual([view.ended[0]?.label, view.ended[1]?.label, view.ended.at(-1)?.label], ['bad', 'det 9601', 'det 9999']);
});

test('of a job that says much, the last two hundred lines are kept', () => {
  const view = after(build(2), ...Array.from({ length: 500 }, (_, i): Event => ({ event: 'log', ...job('det a'), line: `${i}` })));
  const lines = view.logs.get('det a' as Key)!;
  assert.deepEqual([lines.length, lines[0], lines.at(-1)], [200, '300', '499']);
});

test('a fault as an annotation: its place in the properties, its text behind them, both escaped as GitHub asks', () => {
  assert.equal(
    annotationOf({ text: 'a,b.yaml:3:7  50 % is wrong\r\n   try  1', place: { file: 'a,b:%.yaml', line: 3, column: 7 } }),
    '::error file=a%2Cb%3A%25.yaml,line=3,col=7::a,b.yaml:3:7  50 %25 is wrong%0D%0A   try  1',
  );
  assert.equal(annotationOf({ text: 'no place' }), '::error::no place');
});
