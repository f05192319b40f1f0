// Several models in one manifest.
import assert from 'node:assert/strict';
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
