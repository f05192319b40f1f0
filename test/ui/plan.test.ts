// The text of a dry run, whole.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Estimate } from '../../src/engine/estimate.ts';
import type { Plan, PlannedJob } from '../../src/engine/plan.ts';
import { planText } from '../../src/ui/plan.ts';

const job = (task: string, label: string, fate: PlannedJob['fate'], more: Partial<PlannedJob> = {}): PlannedJob => ({ task, label, also: [], fate, causes: [], ...more });
const plan = (jobs: readonly PlannedJob[], more: Partial<Plan> = {}): Plan => ({ jobs, stops: [], behind: 0, remembered: true, ...more });

const nothing: Estimate = { ms: 0, workers: 2, unknown: 0 };

test('everything hits', () => {
  const jobs = [job('scan', 'det', 'hit'), ...['a', 'b'].map((name) => job('tile', `det ${name}`, 'hit'))];
  assert.equal(planText({ goal: 'det', plan: plan(jobs), all: false, estimate: nothing }), [
    'det  everything hits: 3 jobs',
    '  task  hit  will run  may run',
    '  scan    1',
    '  tile    2',
    '',
  ].join('\n'));
});

const edit = plan([
  job('load', 'det', 'hit'),
  job('resolve', 'det', 'will run', { ms: 16.4 }),
  job('cpu', 'det x', 'will run'),
  job('sample', 'det', 'will run', { lost: 'missing', ms: 0.2 }),
  job('tile', 'det a', 'may run', { causes: ['resolve det'], ms: 1200 }),
  job('tile', 'det b', 'may run', { causes: ['resolve det'], ms: 300 }),
  job('link', 'det u', 'may run', { causes: ['resolve det'] }),
  job('assemble', 'det', 'may run', { causes: ['cpu det x', 'resolve det'] }),
], { stops: ['resolve det'], behind: 3 });

test('what will run by name, what may run by task, with the times they took', () => {
  assert.equal(planText({ goal: 'det', plan: edit, all: false, estimate: nothing }), [
    'det  1 hit, 3 will run, 4 may run',
    '  task      hit  will run  may run',
    '  load        1',
    '  resolve               1',
    '  cpu                   1',
    '  sample                1',
    '  tile                           2',
    '  link                           1',
    '  assemble                       1',
    'will run, at least 17 ms the last time',
    '  resolve det  16 ms',
    '  cpu det x',
    '  sample det   under 1 ms  the cache has lost what it made (missing)',
    'may run, if resolve det changes its output, at least 1.5 s the last time',
    '  tile  2  1.5 s the last time',
    '  link  1',
    'may run, if cpu det x or resolve det change their output',
    '  assemble  1',
    "and jobs that the last build didn't have, if resolve det gives more to do",
    '',
  ].join('\n'));
});

test('--all names what may run', () => {
  const lines = planText({ goal: 'det', plan: edit, all: true, estimate: nothing }).split('\n');
  assert.deepEqual(lines.slice(lines.findIndex((line) => line.startsWith('may run, if resolve')), -2), [
    'may run, if resolve det changes its output, at least 1.5 s the last time',
    '  tile det a  1.2 s',
    '  tile det b  300 ms',
    '  link det u',
    'may run, if cpu det x or resolve det change their output',
    '  assemble det',
  ]);
});

test('many names are cut off, and said to be', () => {
  const jobs = Array.from({ length: 23 }, (_, i) => job('tile', `det ${i}`, 'will run'));
  const text = planText({ goal: 'det', plan: plan(jobs), all: false, estimate: nothing });
  assert.match(text, /  tile det 19\n  and 3 more: --all names them\n$/);
  assert.doesNotMatch(planText({ goal: 'det', plan: plan(jobs), all: true, estimate: nothing }), /more/);
});

test('a goal that was never built', () => {
  assert.match(planText({ goal: 'det', plan: plan([job('scan', 'det', 'will run')], { stops: ['scan det'], remembered: false }), all: false, estimate: nothing }), /\nand all that is behind scan det: no build of det is remembered\n$/);
});

test('how long it would take, with so many workers', () => {
  const text = (estimate: Estimate): string => planText({ goal: 'det', plan: edit, all: false, estimate }).split('\n').at(-2)!;
  assert.equal(text({ ms: 1216.4, workers: 2, unknown: 3 }), 'if all of it runs: about 1.2 s with 2 workers, and what 3 jobs without a past take');
  assert.equal(text({ ms: 90, workers: 1, unknown: 0 }), 'if all of it runs: about 90 ms with 1 worker');
});
