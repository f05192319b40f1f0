// The history and the difference of two builds, as text, whole.
import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf } from '../../src/base/digest.ts';
import { differenceOf } from '../../src/engine/builds.ts';
import type { BuildRecord, GoalNote } from '../../src/engine/store.ts';
import { diffText } from '../../src/ui/diff.ts';
import { historyText, timeText } from '../../src/ui/history.ts';
import { numberText, shareText } from '../../src/ui/number.ts';

const at = new Date(2026, 10, 3, 9, 5, 7).getTime();
const counts = { hit: 0, built: 0, failed: 0, skipped: 0, ms: 0 };
const det: GoalNote = { goal: 'det', outcome: 'built', seconds: 1.2, settings: { npu_mode: 'NPU1' }, numbers: { cycles: 1_234_567, bytes: 999, cosine: 0.99 }, outputs: { 'compiled.axmodel': { digest: digestOf('a'), size: 5000 }, 'gone.json': { digest: digestOf('b'), size: 7 } } };
const first: BuildRecord = { number: 7, at, seconds: 12.3, workspace: '/w', command: ['build', 'det'], goals: [det], tasks: { tile: { ...counts, built: 40 } }, savedMs: 0, jobs: [] };
const second: BuildRecord = {
  ...first, number: 8, at: at + 60_000, seconds: 0.84, command: ['build'],
  goals: [
    { ...det, settings: { npu_mode: 'NPU3', 'quant.layer_configs[0].data_type': 'U16' }, numbers: { cycles: 617_283, bytes: 999, cosine: 0.99512 }, outputs: { 'compiled.axmodel': { digest: digestOf('c'), size: 5600 } } },
    { goal: 'cls', outcome: 'failed', seconds: 0.2, settings: {} },
  ],
  tasks: { tile: { ...counts, hit: 38, built: 2 }, check: { ...counts, failed: 1 } }, savedMs: 9120,
  jobs: [{ task: 'tile', label: 'det a', outcome: 'built', ms: 20 }, { task: 'check', label: 'cls a', outcome: 'failed', ms: 0 }, { task: 'link', label: 'det u', outcome: 'built', ms: 1300 }],
};

test('history: a row a goal, numbers where they moved', () => {
  const builds = [second, first];
  assert.equal(historyText({ builds, told: builds, isAsked: () => true }), [
    'build  when                 ran                                    took   goal  outcome  numbers',
    '8      2026-11-03 09:06:07  2 jobs, 1 failed, 38 hit, saved 9.1 s  0.8 s  det   built    cycles 1 234 567 -> 617 283 (-50 %), cosine 0.99000 -> 0.99512 (+0.52 %)',
    '                                                                          cls   failed',
    '7      2026-11-03 09:05:07  40 jobs, 0 hit, saved 0.0 s            12 s   det   built    cycles 1 234 567, bytes 999, cosine 0.99000',
    '',
  ].join('\n'));
  assert.doesNotMatch(historyText({ builds, told: builds, isAsked: (goal) => goal === 'det' }), /cls/);
});

test('diff: what differs, goal by goal, and what ran', () => {
  assert.equal(diffText(differenceOf([second, first], first, second)), [
    'build 7  2026-11-03 09:05:07  12 s   40 jobs, 0 hit, saved 0.0 s            axbuild build det',
    'build 8  2026-11-03 09:06:07  0.8 s  2 jobs, 1 failed, 38 hit, saved 9.1 s  axbuild build',
    'det',
    '  settings',
    '    npu_mode                          NPU1  ->  NPU3',
    '    quant.layer_configs[0].data_type  none  ->  U16',
    '  numbers',
    '    cosine  0.99000    ->  0.99512  +0.52 %',
    '    cycles  1 234 567  ->  617 283  -50 %',
    '  outputs',
    `    compiled.axmodel  ${digestOf('a').slice(0, 12)} 5.0 kB  ->  ${digestOf('c').slice(0, 12)} 5.6 kB`,
    `    gone.json         ${digestOf('b').slice(0, 12)} 7 B     ->  none`,
    'cls  new, failed',
    'ran in build 8',
    '  link det u   built   1.3 s',
    '  tile det a   built   20 ms',
    '  check cls a  failed  under 1 ms',
    '',
  ].join('\n'));
});

test('diff: nothing', () => {
  const again = { ...first, number: 8 };
  assert.match(diffText(differenceOf([again, first], first, again)), /\ndet {2}nothing differs\nno job ran in build 8\n$/);
});

test('numbers as people read them', () => {
  assert.deepEqual([0, 12, 1234, 1234567, 0.9, 0.9999999999].map(numberText), ['0', '12', '1 234', '1 234 567', '0.90000', '1.00000']);
  assert.deepEqual([[100, 110], [100, 99.999], [3, 9], [0, 5]].map(([was, now]) => shareText(was!, now!)), ['+10 %', '-0.00 %', '+200 %', 'from 0']);
  assert.match(timeText(0), /^(1970-01-01|1969-12-31) \d\d:\d\d:00$/);
});
