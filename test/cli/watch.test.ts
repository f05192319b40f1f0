// An afternoon with `axbuild watch`: files are edited as editors, people and version control edit them; each round does what a build would, and
// nothing that happens to a file ends the watching.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Event } from '../../src/engine/events.ts';
import { manifestOf, plain, put, type Settings } from '../pipeline/scene.ts';
import { smallNetwork } from '../rig/network.ts';
import { makeScene, summaryOf, type Scene } from './rig.ts';
import { Watcher } from './watcher.ts';

/** Watching from a first build on. */
async function watch(t: TestContext, scene: Scene, ...args: string[]): Promise<Watcher> {
  const watcher = new Watcher({ cwd: scene.folder, args });
  t.after(() => watcher.kill());
  await watcher.round();
  return watcher;
}

function edit(scene: Scene, settings: Partial<Settings>, dress = (text: string): string => text): void {
  scene.write('axbuild.yaml', dress(JSON.stringify(manifestOf({ ...plain, ...settings }), null, 2)));
}

/** Labels of the jobs that ran, by task. One that ran again as a repair is still one job. */
function ran(events: readonly Event[]): Readonly<Record<string, readonly string[]>> {
  const labels: Record<string, string[]> = {};
  for (const event of events) if (event.event === 'finished' && event.outcome === 'built' && event.was !== 'built') (labels[event.task] ??= []).push(event.label);
  for (const list of Object.values(labels)) list.sort();
  return labels;
}

function paths(scene: Scene, events: readonly Event[]): readonly string[] {
  return events.flatMap((event) => (event.event === 'changed' ? event.paths.map((path) => path.slice(scene.folder.length + 1)) : []));
}

function faults(events: readonly Event[]): readonly string[] {
  return events.flatMap((event) => (event.event === 'fault' ? [event.text] : []));
}

function goals(events: readonly Event[]): object {
  return summaryOf(events.filter(({ event }) => event === 'summary')).goals;
}

test('every edit runs the jobs that a build would run, and leaves the same outputs', async (t) => {
  const [scene, twin] = [makeScene(t), makeScene(t)];
  const watcher = await watch(t, scene);
  await twin.make();
  const typical: Readonly<Record<string, Partial<Settings>>> = {
    'one operator in U16': { layers: [{ layer_name: 'branch_node', data_type: 'U16' }] },
    'its type instead': { layers: [{ op_type: 'Conv', data_type: 'U16' }] },
    'nothing in U16 again': {},
    'another range': { range: null },
    'a check that tolerates': { check: 1 },
    'another core mode': { mode: 'NPU3' },
  };
  for (const [name, settings] of Object.entries(typical)) {
    edit(scene, settings);
    edit(twin, settings);
    const round = await watcher.round();
    assert.deepEqual(ran(round), ran(await twin.make()), name);
    assert.deepEqual(scene.digests(), twin.digests(), name);
  }
  for (const one of [scene, twin]) one.images([0, 1, 2, 3]);
  assert.deepEqual(ran(await watcher.round()), ran(await twin.make()), 'a picture more');
});

test('one precision edit runs its own groups, and nothing else', async (t) => {
  const scene = makeScene(t);
  const watcher = await watch(t, scene);
  edit(scene, { layers: [{ layer_name: 'branch_node', data_type: 'U16' }] });
  const round = await watcher.round();
  assert.deepEqual(paths(scene, round), ['axbuild.yaml']);
  assert.deepEqual(Object.keys(ran(round)).sort(), ['alone', 'assemble', 'check', 'export_qdq', 'link', 'link_check', 'resolve', 'tile', 'values']);
  assert.deepEqual(ran(round)['resolve'], ['small']);
  assert.deepEqual(ran(round)['tile'], ran(round)['check']);
});

test('comments, formatting and touched files run no job', async (t) => {
  const scene = makeScene(t);
  const watcher = await watch(t, scene);
  const before = scene.stamps();
  edit(scene, {}, (text) => `# tried: nothing\n${text.replaceAll('  ', '    ')}`);
  assert.deepEqual(ran(await watcher.round()), {});
  for (const name of ['axbuild.yaml', 'small.onnx', 'images.tar']) utimesSync(join(scene.folder, name), new Date(), new Date());
  const round = await watcher.round();
  assert.deepEqual(ran(round), {});
  assert.deepEqual(goals(round), { small: 'built' });
  assert.deepEqual(scene.stamps(), before);
});

test('only the sources are watched: files beside them begin no round', async (t) => {
  const scene = makeScene(t);
  const watcher = await watch(t, scene);
  scene.write('notes.txt', 'nothing to build');
  scene.write('output/small/mine.txt', 'nor this');
  mkdirSync(join(scene.folder, 'empty'));
  edit(scene, { check: 1 });
  assert.deepEqual(paths(scene, await watcher.round()), ['axbuild.yaml']);
});

test('an editor that saves by renaming is seen every time', async (t) => {
  const scene = makeScene(t);
  const watcher = await watch(t, scene);
  for (const check of [1, 2, 1]) {
    edit(scene, { check });
    renameSync(join(scene.folder, 'axbuild.yaml'), join(scene.folder, 'axbuild.yaml~'));
    edit(scene, { check });
    assert.deepEqual(paths(scene, await watcher.round()), ['axbuild.yaml']);
  }
});

test('a model deleted and made again: its absence is a fault, then all is as before', async (t) => {
  const scene = makeScene(t);
  const watcher = await watch(t, scene);
  const before = scene.digests();
  rmSync(join(scene.folder, 'small.onnx'));
  const gone = await watcher.round();
  assert.deepEqual(faults(gone).map((text) => text.split('\n')[0]!.replace(/^.*  /, '')), [`no model at ${join(scene.folder, 'small.onnx')}`]);
  assert.deepEqual(goals(gone), { small: 'failed' });
  scene.write('small.onnx', smallNetwork());
  const back = await watcher.round();
  assert.deepEqual(ran(back), {});
  assert.deepEqual(scene.digests(), before);
});

test('a folder renamed away and back, and one that comes anew under its name', async (t) => {
  const scene = makeScene(t);
  scene.write('data/models/small.onnx', smallNetwork());
  const inFolder = (check: number): void => edit(scene, { check }, (text) => text.replace('"small.onnx"', '"data/models/small.onnx"'));
  inFolder(2);
  const watcher = await watch(t, scene);
  const at = (path: string): string => join(scene.folder, path);
  renameSync(at('data'), at('elsewhere'));
  assert.deepEqual(goals(await watcher.round()), { small: 'failed' });
  renameSync(at('elsewhere'), at('data'));
  assert.deepEqual(goals(await watcher.round()), { small: 'unchanged' });
  renameSync(at('data/models'), at('data/old'));
  assert.deepEqual(goals(await watcher.round()), { small: 'failed' });
  mkdirSync(at('data/models'));
  scene.write('data/models/small.onnx', smallNetwork({ seed: 5 }));
  const anew = await watcher.round();
  assert.deepEqual(goals(anew), { small: 'built' });
  assert.deepEqual(ran(anew)['load'], ['small']);
});

test('a manifest broken for a while: its fault is told, the last good goals stay watched, and mended it goes on', async (t) => {
  const scene = makeScene(t);
  const watcher = await watch(t, scene);
  scene.write('axbuild.yaml', 'models: { small: { inptu: small.onnx } }\n');
  const broken = await watcher.round();
  assert.deepEqual(faults(broken), ['axbuild.yaml:1:20  unknown key "inptu" in small\n   1 │ models: { small: { inptu: small.onnx } }\n     │                    ~~~~~\n   known  input, config, overrides, tags, output_dir, matrix']);
  assert.deepEqual(goals(broken), {});
  scene.write('small.onnx', smallNetwork({ seed: 5 }));
  assert.deepEqual(paths(scene, await watcher.round()), ['small.onnx']);
  edit(scene, {});
  const mended = await watcher.round();
  assert.deepEqual(faults(mended), []);
  assert.deepEqual(ran(mended)['load'], ['small']);
});

test('what is missing at the start is waited for: the manifest, the configuration it names, the model', async (t) => {
  const scene = makeScene(t);
  const manifest = scene.read('axbuild.yaml');
  const config = JSON.stringify((JSON.parse(manifest.toString()) as { models: { small: { config: object } } }).models.small.config);
  for (const name of ['axbuild.yaml', 'small.onnx']) rmSync(join(scene.folder, name));
  const watcher = new Watcher({ cwd: scene.folder });
  t.after(() => watcher.kill());
  assert.equal(faults(await watcher.round())[0]!.split('\n')[0], `no axbuild.yaml at ${join(scene.folder, 'axbuild.yaml')}`);
  scene.write('axbuild.yaml', 'models:\n  small:\n    input: small.onnx\n    config: config/small.json\n');
  assert.match(faults(await watcher.round())[0]!, /^axbuild\.yaml:4:13 {2}config\/small\.json: no such file\n/);
  scene.write('config/small.json', config);
  assert.match(faults(await watcher.round())[0]!, /no model at .*small\.onnx/);
  scene.write('small.onnx', smallNetwork());
  assert.deepEqual(goals(await watcher.round()), { small: 'built' });
});

test('a model that is half written is a fault, and then fine', async (t) => {
  const scene = makeScene(t);
  const watcher = await watch(t, scene);
  const whole = smallNetwork({ seed: 5 });
  writeFileSync(join(scene.folder, 'small.onnx'), whole.subarray(0, whole.length / 2));
  assert.deepEqual(goals(await watcher.round()), { small: 'failed' });
  writeFileSync(join(scene.folder, 'small.onnx'), whole);
  const round = await watcher.round();
  assert.deepEqual(faults(round), []);
  assert.deepEqual(ran(round)['scan'], ['small']);
});

test('what failed is not tried again until it changes, or until a rebuild is asked for', async (t) => {
  const scene = makeScene(t);
  const watcher = await watch(t, scene);
  const whole = smallNetwork();
  writeFileSync(join(scene.folder, 'small.onnx'), whole.subarray(0, whole.length / 2));
  const scans = (events: readonly Event[]): readonly string[] => events.flatMap((event) => ('task' in event && event.task === 'scan' && event.event !== 'queued' ? [event.event] : []));
  const first = await watcher.round();
  assert.deepEqual(scans(first), ['started', 'finished', 'fault']);
  edit(scene, { check: 1 });
  const again = await watcher.round();
  assert.deepEqual(scans(again), ['finished', 'fault']);
  assert.deepEqual(faults(again), faults(first));
  watcher.press('r');
  const rebuilt = await watcher.round();
  assert.deepEqual(paths(scene, rebuilt), []);
  assert.deepEqual(scans(rebuilt), ['started', 'finished', 'fault']);
  writeFileSync(join(scene.folder, 'small.onnx'), whole);
  assert.deepEqual(goals(await watcher.round()), { small: 'built' });
});

test('flags and goals are those of a build: without a manifest, one goal of several', async (t) => {
  const scene = makeScene(t);
  const { models: { small } } = JSON.parse(scene.read('axbuild.yaml').toString()) as { models: { small: { config: object } } };
  const write = (check: number): void => scene.write('small.json', JSON.stringify({ ...small.config, compiler: { check } }));
  write(2);
  const watcher = await watch(t, scene, '--input', 'small.onnx', '--config', 'small.json', '--output_dir', 'out', '-j', '1');
  write(1);
  const round = await watcher.round();
  assert.deepEqual(paths(scene, round), ['small.json']);
  assert.deepEqual(goals(round), { out: 'built' });
});

for (const [how, end] of [['Ctrl-C', (watcher: Watcher) => process.kill(-watcher.child.pid!, 'SIGINT')], ['the key q', (watcher: Watcher) => watcher.press('q')]] as const) {
  test(`${how} ends the watching with 0 within a second, at rest and in the middle of a round; no process is left`, async (t) => {
    const scene = makeScene(t);
    for (const when of ['at rest', 'in a round'] as const) {
      const watcher = await watch(t, scene);
      if (when === 'in a round') {
        scene.images(Array.from({ length: 12 }, (_, i) => i + 100));
        await watcher.until((event) => event.event === 'started' && event.task === 'observe');
      }
      const at = performance.now();
      end(watcher);
      assert.equal(await watcher.ended, 0, when);
      const took = performance.now() - at;
      assert.ok(took < 1000, `${when}: ${took} ms`);
      assert.throws(() => process.kill(-watcher.child.pid!, 0), { code: 'ESRCH' }, when);
      put(scene, plain);
    }
  });
}
