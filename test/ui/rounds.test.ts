// What the rounds of an afternoon say, from events alone.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Key } from '../../src/base/digest.ts';
import type { Event } from '../../src/engine/events.ts';
import { changedLine, foldRounds, noRounds, roundLines, type Rounds } from '../../src/ui/rounds.ts';

const begin: Event = { event: 'build', workspace: '/w', goals: ['det'], jobs: 2, memoryBytes: 1e9 };
const end: Event = { event: 'summary', goals: { det: 'built' }, tasks: {}, seconds: 1 };
const finished = (task: string, label: string, outcome: 'hit' | 'built' | 'failed', saved?: number): Event => ({ event: 'finished', task, label, key: `${task} ${label}` as Key, outcome, seconds: 0.1, ...(saved !== undefined && { saved }) });
const goal = (numbers?: Record<string, number>): Event => ({ event: 'goal', goal: 'det', outcome: 'built', written: [], seconds: 1, ...(numbers && { numbers }) });
const seen = (events: readonly Event[], from: Rounds = noRounds): Rounds => events.reduce(foldRounds, from);
const first = seen([begin, finished('load', 'det', 'built'), goal({ cosine: 0.99214567, cycles: 1240, bytes: 5000 }), end]);

test('the first round tells the numbers as they are', () => {
  assert.deepEqual(roundLines(first), [
    '  ran    load',
    '  now    det: cosine 0.992146, cycles 1240, bytes 5000',
  ]);
});

test('a later round tells the numbers that moved, what ran by name, and what it saved', () => {
  const round = seen([begin, finished('load', 'det', 'hit', 1.5), finished('tile', 'det p2o.Conv.4', 'built'), finished('check', 'det p2o.Conv.4', 'built'), finished('link', 'det u0', 'hit', 0.25), goal({ cosine: 0.9934, cycles: 1240, bytes: 5100 }), end], first);
  assert.deepEqual(roundLines(round), [
    '  ran    check p2o.Conv.4, tile p2o.Conv.4',
    '  saved  1.8 s of 2 jobs that hit',
    '  now    det: cosine 0.992146 -> 0.9934, bytes 5000 -> 5100',
  ]);
});

test('many jobs are told as counts, by task', () => {
  const round = seen([begin, ...Array.from({ length: 8 }, (_, i) => finished('tile', `det g${i}`, 'built')), finished('link', 'det u0', 'built'), finished('check', 'det g0', 'failed'), end], first);
  assert.deepEqual(roundLines(round), ['  ran    link, tile 8']);
});

test('numbers are compared with the last round that had some', () => {
  const failed = seen([begin, finished('check', 'det g0', 'failed'), end], first);
  assert.deepEqual(roundLines(failed), []);
  const again = seen([begin, goal({ cosine: 0.99214567, cycles: 1300, bytes: 5000 }), end], failed);
  assert.deepEqual(roundLines(again), ['  now    det: cycles 1240 -> 1300']);
});

test('a change in the middle of a round says that it is handed over; one at rest does not', () => {
  const middle = seen([begin, finished('load', 'det', 'built'), { event: 'changed', paths: ['/w/a'] }, end]);
  assert.deepEqual(roundLines(middle), ['  handed over: the next round goes on with what it needs', '  ran    load']);
  const rest = seen([{ event: 'watching', files: 3 }, { event: 'changed', paths: ['/w/a'] }, { event: 'summary', goals: {}, tasks: {}, seconds: 0 }], middle);
  assert.deepEqual(roundLines(rest), []);
});

test('what changed: a few files by name', () => {
  assert.equal(changedLine(['a.yaml']), 'changed  a.yaml');
  assert.equal(changedLine(['a', 'b', 'c', 'd', 'e']), 'changed  a, b, c and 2 more');
  assert.equal(changedLine([]), 'rebuild');
});
