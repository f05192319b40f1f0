// Builds that end too early: killed at any moment, or interrupted by the user.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { plain, put } from '../pipeline/scene.ts';
import { random, seedOf } from '../rig/random.ts';
import { eventsOf, jobs, makeScene, summaryOf, type Scene } from './rig.ts';

const kills = process.env['SOAK'] === '1' ? 50 : 10;

/** What only a running build may have: names of temporary files and of builds that are under way. */
function leftOvers(scene: Scene): string[] {
  return scene.paths().filter((path) => /\.tmp$|\/(tmp|running)\//.test(path));
}

test(`kill -9 of the whole process group at ${kills} random moments costs nothing but the time`, async (t) => {
  const seed = seedOf();
  t.diagnostic(`SEED=${seed}`);
  const rand = random(seed);
  const undisturbed = makeScene(t);
  const began = Date.now();
  await undisturbed.make();
  const whole = Date.now() - began;
  const right = undisturbed.digests();

  const scene = makeScene(t);
  let interrupted = 0;
  for (let round = 0; round < kills; round++) {
    // From nothing, or with part of it there: then outputs are replaced and jobs rerun.
    if (rand() < 0.5) rmSync(join(scene.folder, '.axbuild'), { recursive: true, force: true });
    if (rand() < 0.5) rmSync(join(scene.folder, 'output'), { recursive: true, force: true });
    put(scene, { ...plain, images: rand() < 0.5 ? [0, 1] : [0, 1, 2] });
    const after = rand() * whole;
    const { status } = await scene.axbuild(['build'], {
      started: (child) => void setTimeout(() => child.exitCode === null && process.kill(-child.pid!, 'SIGKILL'), after),
    });
    if (status === null) interrupted++;
    put(scene, plain);
    await scene.make();
    assert.deepEqual(scene.digests(), right, `round ${round}, killed after ${after} ms of ${whole}`);
    assert.deepEqual(leftOvers(scene), []);
  }
  assert.ok(interrupted >= kills / 3, `only ${interrupted} of ${kills} builds were still running when the kill came`);
});

test('Ctrl-C ends the build within a second with exit code 130; outputs stay, and the next build goes on from there', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  const before = scene.stamps();
  // Every image is new, so there is something to interrupt.
  put(scene, { ...plain, images: [100, 101, 102, 103, 104, 105, 106, 107] });
  let at = 0;
  const { status, stdout } = await scene.axbuild(['build', '--log-format', 'json'], {
    watch: (child, printed) => {
      if (at > 0 || !printed.includes('"task":"observe"')) return;
      at = Date.now();
      // As a terminal does: to the whole group.
      process.kill(-child.pid!, 'SIGINT');
    },
  });
  const took = Date.now() - at;
  t.diagnostic(`${took} ms`);
  assert.equal(status, 130);
  assert.ok(took < 1000, `${took} ms`);
  const events = eventsOf(stdout);
  assert.deepEqual(summaryOf(events).goals, { small: 'interrupted' });
  assert.deepEqual(events.filter((event) => event.event === 'fault'), []);
  assert.ok(jobs(events).skipped > 0);
  assert.deepEqual(scene.stamps(), before);
  assert.deepEqual(leftOvers(scene), []);

  const next = jobs(await scene.make());
  assert.ok(next.hit >= jobs(events).built, `${next.hit} hits after ${jobs(events).built} jobs`);
  assert.equal(summaryOf(await scene.make()).goals['small'], 'unchanged');
});
