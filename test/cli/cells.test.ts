// Cells of a matrix, built by the command: what they share runs once, and what the environment says is part of what decides.
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Event } from '../../src/engine/events.ts';
import { manifestOf, plain } from '../pipeline/scene.ts';
import { makeScene, summaryOf, type Scene } from './rig.ts';

/** The small network, with more of a manifest around its model. */
function makeMatrix(t: TestContext, { model = {}, root = {} }: { model?: object; root?: object }): Scene {
  const scene = makeScene(t);
  const { models } = manifestOf({ ...plain, range: null }) as { models: { small: object } };
  scene.write('axbuild.yaml', JSON.stringify({ ...root, models: { small: { ...models.small, ...model } } }));
  return scene;
}

const outcomes = (events: readonly Event[]): Readonly<Record<string, string>> => summaryOf(events).goals;
const built = (events: readonly Event[]): Record<string, number> => Object.fromEntries(Object.entries(summaryOf(events).tasks).map(([task, counts]) => [task, counts.built]));

test('a product for NPU1 and NPU2: everything up to partition runs once', async (t) => {
  const scene = makeMatrix(t, { model: { matrix: { npu_mode: ['NPU1', 'NPU2'] } } });
  const both = await scene.make();
  assert.deepEqual(outcomes(both), { 'small@NPU1': 'built', 'small@NPU2': 'built' });
  assert.deepEqual(built(both), {
    // What no mode decides: once.
    scan: 1, load: 1, optimise: 1, fuse: 1, export: 1, unpack: 1, observe: 3, sample: 1, merge: 1, resolve: 1, weights: 5, values: 11, partition: 1, qdq_weights: 1, export_qdq: 1,
    // What the mode decides: for each. Plans are made by the rates of one set: here the objects that checks run come out alike.
    tile: 18, check: 11, link: 2, alone: 1, link_check: 2, assemble: 2,
  });

  await t.test('plan and why know a cell by its name', async () => {
    assert.match((await scene.axbuild(['plan', 'small@NPU2', '--compiler.check', '1'])).stdout, /^small@NPU2 {2}\d+ hit, /);
    const { stdout } = await scene.axbuild(['why', 'link small@NPU2 subgraph_npu_0']);
    assert.match(stdout, /^link small@NPU2 subgraph_npu_0 {2}ran in the last build/);
  });

  await t.test('a third mode: what no mode decides is there', async () => {
    const manifest = JSON.parse(scene.read('axbuild.yaml').toString('utf8')) as { models: { small: { matrix: { npu_mode: string[] } } } };
    manifest.models.small.matrix.npu_mode.push('NPU3');
    scene.write('axbuild.yaml', JSON.stringify(manifest));
    const third = await scene.make('*@NPU3');
    assert.deepEqual(outcomes(third), { 'small@NPU3': 'built' });
    assert.deepEqual(Object.entries(built(third)).flatMap(([task, count]) => (count > 0 ? [task] : [])).sort(), ['alone', 'assemble', 'check', 'link', 'link_check', 'tile']);
  });
});

test('a variable that the manifest declares decides whether anything changed, another does not', async (t) => {
  const scene = makeMatrix(t, { root: { environment: { MODE: 'NPU1', UNUSED: '' } }, model: { overrides: { npu_mode: '${MODE}' } } });
  const make = async (env: Readonly<Record<string, string>>, ...words: string[]): Promise<string | undefined> => {
    const { stdout, status } = await scene.axbuild(['build', '--log-format', 'json', ...words], { env });
    assert.equal(status, 0, stdout);
    return (JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { goals: Record<string, string> }).goals['small'];
  };
  assert.equal(await make({}), 'built');
  assert.equal(await make({ OTHER: 'x' }), 'unchanged');
  assert.equal(await make({ MODE: 'NPU2', OTHER: 'x' }), 'built');
  assert.equal(await make({ MODE: 'NPU2' }), 'unchanged');
  // Another command looks at the goal's own record.
  assert.equal(await make({ MODE: 'NPU2' }, 'small'), 'unchanged');
  assert.equal(await make({ MODE: 'NPU1' }, 'small'), 'built');
  assert.equal(await make({ MODE: 'NPU1', UNUSED: 'declared, though nothing says it' }, 'small'), 'built');
});

test('goals of the workspace\'s manifests, and of another manifest than its own', async (t) => {
  const scene = makeMatrix(t, { root: { manifests: ['cameras/axbuild.yaml'], defaults: { tags: 'base' } } });
  const { models } = manifestOf({ ...plain, range: null }) as { models: { small: { config: object } } };
  const config = JSON.parse(JSON.stringify(models.small.config).replace('images.tar', '../images.tar')) as object;
  scene.write('cameras/axbuild.yaml', JSON.stringify({ models: { eye: { input: '../small.onnx', config, tags: ['night'], matrix: { npu_mode: ['NPU1', 'NPU2'] } } } }));
  assert.deepEqual(outcomes(await scene.make('small', 'cameras/eye@NPU1')), { small: 'built', 'cameras/eye@NPU1': 'built' });
  assert.ok(scene.paths('cameras/output/eye@NPU1').includes('compiled.axmodel'));
  assert.deepEqual(outcomes(await scene.make('--tag', 'base', '--tag', 'night')), { small: 'unchanged', 'cameras/eye@NPU1': 'unchanged', 'cameras/eye@NPU2': 'built' });
  assert.deepEqual(outcomes(await scene.make('--tag', 'base')), { small: 'unchanged' });
  // Another command, so it looks: all jobs hit.
  const alone = await scene.make('--manifest', 'cameras/axbuild.yaml', 'eye@NPU2');
  assert.deepEqual([outcomes(alone), built(alone)['tile']], [{ 'eye@NPU2': 'built' }, 0]);

  // A goal that the pattern did not mean before is one that changed.
  await scene.make('*@NPU1');
  scene.write('cameras/axbuild.yaml', scene.read('cameras/axbuild.yaml').toString('utf8').replace('"eye":', '"eye2":'));
  assert.deepEqual(Object.keys(outcomes(await scene.make('*@NPU1'))), ['cameras/eye2@NPU1']);
});
