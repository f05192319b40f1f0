// Several models in one manifest.
import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Event } from '../../src/engine/events.ts';
import { manifestOf, plain } from '../pipeline/scene.ts';
import { eventsOf, jobs, makeScene, summaryOf, type Scene } from './rig.ts';

const config = (layers: object[]): string => {
  const { models } = manifestOf({ ...plain, layers }) as { models: { small: { config: object } } };
  return JSON.stringify(models.small.config, null, 2);
};

/** Two models of one network: they differ in a layer_config. */
function makePair(t: TestContext): Scene {
  const scene = makeScene(t);
  scene.write('axbuild.yaml', 'models:\n  one: { input: small.onnx, config: one.json }\n  two: { input: small.onnx, config: two.json }\n');
  scene.write('one.json', config([]));
  scene.write('two.json', config([{ layer_name: 'branch_node', data_type: 'U16' }]));
  return scene;
}

const written = (events: readonly Event[]): Record<string, number> =>
  Object.fromEntries(events.flatMap((event) => (event.event === 'goal' ? [[`${event.goal} ${event.outcome}`, event.written.length] as const] : [])));

test('each is built where it is due, and what they share is built once', async (t) => {
  const scene = makePair(t);
  const cold = await scene.make();
  assert.deepEqual(written(cold), { 'one built': 8, 'two built': 8 });
  assert.deepEqual(summaryOf(cold).tasks['observe'], { hit: 0, built: 3, failed: 0, skipped: 0 });
  const before = scene.digests();

  await t.test('one of them by name: unchanged', async () => {
    // Its own record is enough, though this command was never given before.
    const events = await scene.make('two');
    assert.deepEqual([written(events), jobs(events).hit], [{ 'two unchanged': 0 }, 0]);
  });

  await t.test('the configuration of one edited: the other is not looked at', async () => {
    scene.write('two.json', config([{ layer_name: 'branch_node', data_type: 'U8' }]));
    const events = await scene.make();
    // By now it computes as model one does, and only says otherwise why.
    assert.deepEqual(written(events), { 'one unchanged': 0, 'two built': 5 });
    assert.deepEqual(events.flatMap((event) => (event.event === 'finished' && event.outcome === 'built' ? [event.task] : [])), ['resolve', 'assemble']);
    assert.equal(scene.digests()['two/compiled.axmodel'], before['one/compiled.axmodel']);
  });

  await t.test('elsewhere by a flag: what was built before stays', async () => {
    const { 'two/compiled.axmodel': program } = scene.digests();
    await scene.make('two', '--output_dir', 'output/copy');
    assert.equal(scene.digests()['copy/compiled.axmodel'], program);
    assert.equal(scene.digests()['two/compiled.axmodel'], program);
  });
});

test('goals are built side by side, and an edit concerns those that read the file', async (t) => {
  const scene = makePair(t);
  scene.write('pictures.tar', scene.read('images.tar'));
  scene.write('two.json', config([]).replace('images.tar', 'pictures.tar'));
  const events = await scene.make('-j', '2');
  const order = events.flatMap((event) => (event.event === 'begun' || event.event === 'goal' ? [`${event.goal} ${event.event === 'goal' ? event.outcome : 'begun'}`] : []));
  assert.deepEqual(order.slice(0, 2), ['one begun', 'two begun']);
  assert.deepEqual(order.slice(2).sort(), ['one built', 'two built']);
  assert.deepEqual(written(await scene.make()), { 'one unchanged': 0, 'two unchanged': 0 });
  utimesSync(join(scene.folder, 'pictures.tar'), 1, 1);
  assert.deepEqual(written(await scene.make()), { 'one unchanged': 0, 'two built': 0 });
  utimesSync(join(scene.folder, 'images.tar'), 1, 1);
  assert.deepEqual(written(await scene.make()), { 'one built': 0, 'two unchanged': 0 });
});

/** Three models: the samples of the second are no pictures, which shows when they are read. */
function makeTrio(t: TestContext): Scene {
  const scene = makePair(t);
  scene.write('axbuild.yaml', ['one', 'bad', 'three'].map((name, i) => `${i === 0 ? 'models:\n' : ''}  ${name}: { input: small.onnx, config: ${name}.json }\n`).join(''));
  scene.write('bad.tar', 'no archive');
  scene.write('bad.json', config([]).replace('images.tar', 'bad.tar'));
  scene.write('three.json', config([{ layer_name: 'branch_node', data_type: 'U16' }]));
  return scene;
}

test('with --keep-going the other goals are built, without it they are skipped; either way the fault decides the exit code', async (t) => {
  const scene = makeTrio(t);
  const build = async (...args: string[]): Promise<object> => {
    const { status, stdout } = await scene.axbuild(['build', '--log-format', 'json', '-j', '1', ...args]);
    const events = eventsOf(stdout);
    return { status, ...summaryOf(events).goals, faults: events.filter(({ event }) => event === 'fault').length };
  };
  assert.deepEqual(await build(), { status: 1, one: 'skipped', bad: 'failed', three: 'skipped', faults: 1 });
  assert.deepEqual(await build('-k'), { status: 1, one: 'built', bad: 'failed', three: 'built', faults: 1 });
});

test('a fault in the last model is told before the first is built', async (t) => {
  const scene = makePair(t);
  scene.write('two.json', config([]).replace('"tensor_name": "x"', '"tensor_name": "y"'));
  const { status, stdout, stderr } = await scene.axbuild(['build', '--log-format', 'json']);
  const events = eventsOf(stdout);
  assert.deepEqual([status, stderr], [2, '']);
  assert.deepEqual(summaryOf(events).goals, { one: 'skipped', two: 'failed' });
  assert.equal(jobs(events).built, 1, 'the scan of the model, which both share');
  const [fault] = events.filter((event) => event.event === 'fault');
  assert.equal(fault?.event === 'fault' && fault.text, `two.json:5:24  the model has no input "y"
   5 │         "tensor_name": "y",
     │                        ~~~
   inputs  x
   try     x`);
});

test('two models may not share an output folder', async (t) => {
  const scene = makePair(t);
  const { status, stderr } = await scene.axbuild(['build', '--output_dir', 'output']);
  assert.equal(stderr.replace(scene.folder, '/w'), 'one and two have one output folder\n   folder  /w/output\n   try     an output_dir for each\n');
  assert.equal(status, 2);
});
