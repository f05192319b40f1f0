// Which build is meant, and what differs between two.
import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf } from '../../src/base/digest.ts';
import { differenceOf, findBuild, goalAsOf } from '../../src/engine/builds.ts';
import type { BuildRecord, GoalNote } from '../../src/engine/store.ts';

const built = (goal: string, more: Partial<GoalNote> = {}): GoalNote => ({ goal, outcome: 'built', seconds: 1, settings: {}, numbers: {}, outputs: {}, ...more });
const build = (number: number, ...goals: GoalNote[]): BuildRecord => ({ number, at: number, seconds: 1, workspace: '/w', command: ['build'], goals, tasks: {}, savedMs: 0, jobs: [] });
const file = (text: string): { digest: ReturnType<typeof digestOf>; size: number } => ({ digest: digestOf(text), size: text.length });

const builds = [
  build(9, built('det', { outcome: 'failed', settings: { npu_mode: 'NPU3' }, numbers: undefined as never, outputs: undefined as never })),
  build(8, built('det', { outcome: 'unchanged' }), built('cls', { numbers: { cycles: 7 } })),
  build(5, built('det', { settings: { 'layers[0]': 'U16', npu_mode: 'NPU1' }, numbers: { cycles: 110, cosine: 0.9 }, outputs: { model: file('five'), same: file('same'), more: file('more') } })),
  build(3, built('det', { settings: { 'layers[0]': 'U8', npu_mode: 'NPU1' }, numbers: { cycles: 100, cosine: 0.9 }, outputs: { model: file('three!'), same: file('same') } })),
];

for (const [text, number] of [['last', 9], ['last~0', 9], ['last~1', 8], ['last~3', 3], ['5', 5]] as const) {
  test(`"${text}" is build ${number}`, () => assert.equal(findBuild(builds, text).number, number));
}

for (const [text, what] of [['4', 'no build 4 is remembered'], ['last~4', 'no build last~4 is remembered'], ['frist', '"frist" names no build'], ['-1', '"-1" names no build']] as const) {
  test(`"${text}" is none`, () => assert.throws(() => findBuild(builds, text), { message: `${what}\n   builds  3 to 9\n   like    42, last, last~1\n   see     axbuild history` }));
}

test('settings, numbers and outputs that differ', () => {
  const { goals: [det] } = differenceOf(builds, findBuild(builds, '3'), findBuild(builds, '5'));
  assert.deepEqual(det!.settings, [{ name: 'layers[0]', was: 'U8', now: 'U16' }]);
  assert.deepEqual(det!.numbers, [{ name: 'cycles', was: 100, now: 110 }]);
  assert.deepEqual(det!.outputs, [{ name: 'model', was: file('three!'), now: file('five') }, { name: 'more', now: file('more') }]);
});

test('a goal that a build found unchanged is what the build before it made', () => {
  assert.equal(goalAsOf(builds, { number: 8, goal: 'det' }), builds[2]!.goals[0]);
  const { goals } = differenceOf(builds, findBuild(builds, '5'), findBuild(builds, '8'));
  assert.deepEqual(goals.map(({ goal, was, settings, numbers, outputs }) => [goal, was === undefined, settings, numbers, outputs]), [['det', false, [], [], []], ['cls', true, [], [], []]]);
});

test('of a goal that failed, settings are compared, and nothing else', () => {
  const { goals: [det] } = differenceOf(builds, findBuild(builds, '5'), findBuild(builds, 'last'));
  assert.deepEqual(det!.settings, [{ name: 'layers[0]', was: 'U16' }, { name: 'npu_mode', was: 'NPU1', now: 'NPU3' }]);
  assert.deepEqual([det!.numbers, det!.outputs], [[], []]);
});
