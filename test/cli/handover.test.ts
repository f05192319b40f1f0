// A change in the middle of a round: the next one begins at once, and what both want is done once.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Event } from '../../src/engine/events.ts';
import { manifestOf, plain } from '../pipeline/scene.ts';
import { makeScene, summaryOf, type Scene } from './rig.ts';
import { Watcher } from './watcher.ts';

const many = Array.from({ length: 240 }, (_, i) => i + 100);

function edit(scene: Scene, data_type: 'U16' | 'S16'): void {
  scene.write('axbuild.yaml', JSON.stringify(manifestOf({ ...plain, layers: [{ layer_name: 'branch_node', data_type }] })));
}

function summary(events: readonly Event[]): ReturnType<typeof summaryOf> {
  return summaryOf(events.filter(({ event }) => event === 'summary'));
}

function count(events: readonly Event[], { event, task }: { event: 'started' | 'finished'; task: string }): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of events) if (one.event === event && one.task === task && (one.event === 'started' || one.outcome === 'built')) counts[one.label] = (counts[one.label] ?? 0) + 1;
  return counts;
}

test('a setting edited while images are observed: no image is observed twice, and the outputs are those of the last edit', async (t) => {
  const [scene, twin] = [makeScene(t, { images: many }), makeScene(t, { images: many })];
  const watcher = new Watcher({ cwd: scene.folder, args: ['-j', '1'] });
  t.after(() => watcher.kill());
  const before = await watcher.until((event) => event.event === 'finished' && event.task === 'observe');
  edit(scene, 'U16');
  const first = [...before, ...await watcher.until(({ event }) => event === 'summary')];
  const changed = first.findLast(({ event }) => event === 'changed');
  assert.ok(changed?.event === 'changed' && changed.paths.every((path) => path === `${scene.folder}/axbuild.yaml`), 'it was handed over');
  assert.equal(first.indexOf(changed), first.length - 2, 'its summary follows at once');
  assert.deepEqual(summary(first).goals, { small: 'interrupted' });
  const second = await watcher.round();
  assert.deepEqual(summary(second).goals, { small: 'built' });
  const observed = count([...first, ...second], { event: 'finished', task: 'observe' });
  assert.deepEqual([Object.keys(observed).length, Math.max(...Object.values(observed))], [many.length, 1]);
  assert.ok(Object.keys(count(second, { event: 'finished', task: 'observe' })).length > 0, 'there was something left to do');
  edit(twin, 'U16');
  await twin.make();
  assert.deepEqual(scene.digests(), twin.digests());
});

test('images that are gone are not observed any more, and the round that wanted them writes nothing', async (t) => {
  const scene = makeScene(t);
  const watcher = new Watcher({ cwd: scene.folder, args: ['-j', '1'] });
  t.after(() => watcher.kill());
  await watcher.round();
  scene.images(many);
  const first = [...await watcher.until((event) => event.event === 'finished' && event.task === 'observe')];
  scene.images([0, 1]);
  first.push(...await watcher.until(({ event }) => event === 'summary'));
  assert.deepEqual(summary(first).goals, { small: 'interrupted' });
  assert.ok(Object.keys(count(first, { event: 'started', task: 'observe' })).length < many.length);
  const second = await watcher.round();
  assert.deepEqual(summary(second).goals, { small: 'built' });
  assert.deepEqual(count(second, { event: 'started', task: 'observe' }), {});
  const [, ...others] = second.filter((event) => event.event === 'goal');
  assert.deepEqual(others, [], 'the goal is told of once');
});

test('three edits on each other\'s heels: the last one counts', async (t) => {
  const [scene, twin] = [makeScene(t, { images: many }), makeScene(t, { images: many })];
  const watcher = new Watcher({ cwd: scene.folder, args: ['-j', '1'] });
  t.after(() => watcher.kill());
  await watcher.until((event) => event.event === 'finished' && event.task === 'observe');
  edit(scene, 'U16');
  await watcher.until(({ event }) => event === 'changed');
  edit(scene, 'S16');
  await watcher.until(({ event }) => event === 'changed');
  edit(scene, 'U16');
  await watcher.round();
  edit(twin, 'U16');
  await twin.make();
  assert.deepEqual(scene.digests(), twin.digests());
});

test('a round that is cancelled ends what runs; the next change goes on from there', async (t) => {
  const scene = makeScene(t, { images: many });
  const watcher = new Watcher({ cwd: scene.folder, args: ['-j', '1'] });
  t.after(() => watcher.kill());
  const first = [...await watcher.until((event) => event.event === 'finished' && event.task === 'observe')];
  watcher.press('c');
  first.push(...await watcher.round());
  assert.deepEqual(summary(first).goals, { small: 'interrupted' });
  edit(scene, 'U16');
  const second = await watcher.round();
  assert.deepEqual(summary(second).goals, { small: 'built' });
  assert.equal(summary(second).tasks['observe']!.hit, summary(first).tasks['observe']!.built);
});
