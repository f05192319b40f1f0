// What goes on around a build: another build of the same goal, files that change while they are read, clocks and folders that move.
import assert from 'node:assert/strict';
import { renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { plain, put } from '../pipeline/scene.ts';
import { eventsOf, jobs, makeScene, summaryOf } from './rig.ts';

const other = { ...plain, images: [5, 6, 7] };

test('two processes that build the same goal at once both end right', async (t) => {
  const [alone, scene] = [makeScene(t), makeScene(t)];
  await alone.make();
  const both = await Promise.all([scene.axbuild(['build']), scene.axbuild(['build'])]);
  assert.deepEqual(both.map(({ status, stderr }) => ({ status, stderr })), [{ status: 0, stderr: '' }, { status: 0, stderr: '' }]);
  assert.deepEqual(scene.digests(), alone.digests());
  assert.deepEqual(scene.paths().filter((path) => /\.tmp$|\/(tmp|running)\//.test(path)), []);
  const next = await scene.make();
  assert.equal(jobs(next).built, 0);
  assert.equal(summaryOf(await scene.make()).goals['small'], 'unchanged');
});

test('an archive edited while its pictures are read: told, not published, and the next build is one of the new pictures', async (t) => {
  const [undisturbed, scene] = [makeScene(t, other), makeScene(t)];
  await undisturbed.make();
  let edited = false;
  const { status, stdout } = await scene.axbuild(['build', '--log-format', 'json', '-j', '1'], {
    watch(_, printed) {
      if (edited || !/"started","task":"observe"/.test(printed)) return;
      edited = true;
      put(scene, other);
    },
  });
  assert.equal(status, 0);
  assert.deepEqual(eventsOf(stdout).filter(({ event }) => event === 'moved'), [{ event: 'moved', path: join(scene.folder, 'images.tar') }]);
  put(scene, plain);
  assert.ok(jobs(await scene.make()).built > 0, 'what came of the pictures that were edited away was not kept');
  put(scene, other);
  assert.equal(summaryOf(await scene.make()).goals['small'], 'built');
  assert.deepEqual(scene.digests(), undisturbed.digests());
});

test('a clock that was set back: other content is seen, however old it says it is', async (t) => {
  const [right, scene] = [makeScene(t, other), makeScene(t)];
  await right.make();
  await scene.make();
  put(scene, other);
  for (const name of scene.paths().filter((path) => !path.includes('/'))) utimesSync(join(scene.folder, name), 1, 1);
  assert.equal(summaryOf(await scene.make()).goals['small'], 'built');
  assert.deepEqual(scene.digests(), right.digests());
  assert.equal(summaryOf(await scene.make()).goals['small'], 'unchanged');
});

test('a folder renamed: everything is a hit in the new place', async (t) => {
  const scene = makeScene(t);
  for (const folder of ['before', 'after']) scene.write(`${folder}/none`, '');
  const [before, after] = ['before', 'after'].map((folder) => join(scene.folder, folder, 'workspace')) as [string, string];
  for (const name of ['axbuild.yaml', 'small.onnx', 'images.tar']) scene.write(`before/workspace/${name}`, scene.read(name));
  const build = async (cwd: string) => eventsOf((await scene.axbuild(['build', '--log-format', 'json'], { cwd })).stdout);
  assert.ok(jobs(await build(before)).built > 0);
  const outputs = scene.digests('before/workspace/output');
  renameSync(before, after);
  const events = await build(after);
  assert.deepEqual([summaryOf(events).goals, jobs(events).built], [{ small: 'built' }, 0]);
  assert.deepEqual(scene.digests('after/workspace/output'), outputs);
  assert.equal(summaryOf(await build(after)).goals['small'], 'unchanged');
});
