// What people and programs read of a build.
import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf, type Key } from '../../src/base/digest.ts';
import type { Event, Outcome } from '../../src/engine/events.ts';
import { jsonLines } from '../../src/ui/json.ts';
import { plainLines } from '../../src/ui/plain.ts';
import { noProgress } from '../../src/ui/progress.ts';
import { emptyView, fold, total } from '../../src/ui/view.ts';

const key = (label: string): Key => digestOf(label) as string as Key;
const queued = (task: string, label: string): Event => ({ event: 'queued', task, label, key: key(label) });
const started = (task: string, label: string): Event => ({ event: 'started', task, label, key: key(label), cores: 1, memoryBytes: 100e6 });
const finished = (task: string, label: string, outcome: Outcome, more: { seconds?: number; was?: Outcome } = {}): Event => ({
  event: 'finished', task, label, key: key(label), outcome, seconds: 0, ...more,
});
const summary: Event = { event: 'summary', goals: { det: 'built' }, tasks: { tile: { hit: 1, built: 1, failed: 0, skipped: 0 } }, seconds: 12.345 };

function makeScreen(terminal?: { columns: number }) {
  let clock = 0;
  let text = '';
  const view = plainLines({ write: (more) => (text += more), now: () => clock, ...(terminal === undefined ? {} : { terminal }) });
  return { view, at: (seconds: number) => (clock = seconds * 1000), text: () => text };
}

test('the view counts outcomes and knows what runs', () => {
  let view = emptyView;
  for (const event of [finished('tile', 'a', 'hit'), queued('tile', 'b'), queued('tile', 'c'), started('tile', 'b'), started('tile', 'c'), finished('tile', 'b', 'built', { seconds: 2 })]) view = fold(view, event, 5);
  assert.deepEqual(view.stages, { tile: { ...noProgress, hit: 1, built: 1, running: 1 } });
  assert.deepEqual([...view.running.values()], [{ task: 'tile', label: 'c', since: 5, cores: 1, memoryBytes: 100e6 }]);
  view = fold(view, finished('tile', 'a', 'built', { was: 'hit' }), 6);
  assert.deepEqual(view.stages, { tile: { ...noProgress, hit: 0, built: 2, running: 1 } });
  assert.equal(total(view.stages, 'built'), 2);
});

test('a fold does not change what it is given', () => {
  const before = fold(emptyView, started('tile', 'b'), 0);
  const copy = structuredClone(before);
  fold(before, finished('tile', 'b', 'built'), 1);
  assert.deepEqual(before, copy);
});

test('away from a terminal: slow jobs, failures, goals, the summary, and no escape code', () => {
  const { view, at, text } = makeScreen();
  view.see({ event: 'build', workspace: '/w', goals: ['det', 'cls'], jobs: 2, memoryBytes: 1e9 });
  view.see(finished('load', 'load det', 'hit'));
  view.see(started('tile', 'tile det/Conv_1'));
  view.see(finished('tile', 'tile det/Conv_1', 'built', { seconds: 0.2 }));
  view.see(started('optimise', 'det'));
  at(0.9);
  view.tick();
  at(1);
  view.tick();
  at(1.2);
  view.tick();
  at(10.1);
  view.tick();
  at(11);
  view.see(finished('optimise', 'det', 'built', { seconds: 11 }));
  view.see({ event: 'repaired', digest: digestOf('x'), why: 'corrupt', by: 'load det' });
  view.see({ event: 'moved', path: '/w/model.onnx' });
  view.see(finished('tile', 'tile cls/Conv_2', 'failed'));
  view.see({ event: 'fault', text: 'cls.yaml:3  no such thing\n   try  another', exit: 1 });
  view.see({ event: 'goal', goal: 'det', outcome: 'built', written: ['out/compiled.axmodel'], seconds: 11.5 });
  view.see({ event: 'goal', goal: 'cls', outcome: 'failed', written: [], seconds: 11.5 });
  view.see({ event: 'summary', goals: { det: 'built', cls: 'failed' }, tasks: { tile: { hit: 0, built: 1, failed: 1, skipped: 2 }, load: { hit: 1, built: 0, failed: 0, skipped: 0 } }, seconds: 11.6 });
  assert.equal(
    text(),
    `  running  optimise det  1.0 s
  running  optimise det  10 s
  built  optimise det  11 s
  repaired  the cache had lost (corrupt) what load det makes; it was made again
  moved  /w/model.onnx changed during the build; what was made from it is not kept
  failed  tile cls/Conv_2
cls.yaml:3  no such thing
   try  another
det  built  12 s
  wrote  out/compiled.axmodel
cls  failed  12 s
2 goals, jobs: 1 built, 1 hit, 1 failed, 2 skipped; 12 s
`,
  );
});

test('many quick jobs: away from a terminal a line now and then, less often as time goes by', () => {
  const { view, at, text } = makeScreen();
  for (let tenth = 0; tenth < 400; tenth++) {
    at(tenth / 10);
    view.see(started('check', `det ${tenth}`));
    view.tick();
    view.see(finished('check', `det ${tenth}`, 'built', { seconds: 0.1 }));
  }
  const done = text().trimEnd().split('\n').map((line) => /^ {2}(\d+) done, 1 running {2}check det \1 {2}0\.0 s$/.exec(line)?.[1]);
  assert.deepEqual(done, ['20', '40', '60', '80', '107', '143', '191', '255', '340']);
});

test('a build with nothing to do says so in two lines', () => {
  const { view, text } = makeScreen();
  view.see({ event: 'goal', goal: 'det', outcome: 'unchanged', written: [], seconds: 0 });
  view.see({ event: 'summary', goals: { det: 'unchanged' }, tasks: {}, seconds: 0.04 });
  assert.equal(text(), 'det  unchanged  0.0 s\n1 goal, jobs: none; 0.0 s\n');
});

test('on a terminal one line is redrawn, wiped before others, and cut to the width', () => {
  const { view, at, text } = makeScreen({ columns: 30 });
  view.see(started('optimise', 'a model with a rather long name'));
  at(0.5);
  view.tick();
  assert.equal(text(), '');
  at(2);
  view.tick();
  assert.equal(text(), '  0 done, 1 running  optimise');
  view.see(summary);
  assert.equal(text(), '  0 done, 1 running  optimise\r\x1b[2K1 goal, jobs: 1 built, 1 hit; 12 s\n');
});

test('JSON lines: one event a line, and the last is exactly the summary', () => {
  const lines: string[] = [];
  const { see } = jsonLines((line) => lines.push(line));
  see(started('tile', 'a'));
  see(summary);
  assert.equal(lines.join(''), `{"event":"started","task":"tile","label":"a","key":"${key('a')}","cores":1,"memoryBytes":100000000}\n{"event":"summary","goals":{"det":"built"},"tasks":{"tile":{"hit":1,"built":1,"failed":0,"skipped":0}},"seconds":12.345}\n`);
});
