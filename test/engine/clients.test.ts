// Several builds that share one pool of workers: what they both want runs once, and what one of them leaves behind gives way.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import test from 'node:test';
import type { Outputs, Request } from '../../src/engine/build.ts';
import { appeared, begin, makeFolder, makePool, makeStore, outcomes, write, type Scene } from './rig.ts';
import { gate, join } from './toy-tasks.ts';

async function makeScene(options: Parameters<typeof makePool>[1] = {}) {
  const folder = makeFolder();
  const pool = makePool(folder, options);
  const store = await makeStore(folder);
  const file = (name: string): string => path(folder, name);
  return {
    folder,
    pool,
    store,
    start: (more: Partial<Parameters<typeof begin>[0]> = {}): Scene => begin({ store, executor: pool.client(), workspace: folder, sweeps: false, ...more }),
    /** A job that runs until its gate is opened. */
    gated: (name: string, more: Partial<Request> = {}): Request => ({ label: name, options: { started: file(`${name} started`), open: file(`${name} open`) }, ...more }),
    begun: (name: string): Promise<string> => appeared(file(`${name} started`)),
    open: (name: string): void => writeFileSync(file(`${name} open`), ''),
    /** How often the job was begun. */
    runs: (name: string): number => readFileSync(file(`${name} started`), 'utf8').trimEnd().split('\n').length,
  };
}

const quick = (label: string): Request => ({ label, options: { word: label }, inputs: { from: [] } });

/** A promise that may be rejected later, when somebody looks. */
function later(outputs: Promise<Outputs>): Promise<Outputs> {
  outputs.catch(() => undefined);
  return outputs;
}

const started = ({ events }: Scene): string[] => events.flatMap((event) => (event.event === 'started' ? [event.label] : []));

test('a job that two builds ask for runs once, and both hear of it', async () => {
  const scene = await makeScene();
  const [first, second] = [scene.start(), scene.start()];
  const one = first.run(gate, scene.gated('slow'));
  await scene.begun('slow');
  const other = second.run(gate, { ...scene.gated('slow'), label: 'also slow' });
  scene.open('slow');
  assert.deepEqual(await one, await other);
  await Promise.all([first.close(), second.close()]);
  assert.equal(scene.runs('slow'), 1);
  assert.deepEqual([started(first), outcomes(first.events)], [['slow'], 'slow built']);
  assert.deepEqual([started(second), outcomes(second.events)], [['also slow'], 'also slow built']);
});

test('a build that is left: what waits is skipped, what runs is published, and the next build joins it', async () => {
  const scene = await makeScene({ jobs: 1 });
  const left = scene.start();
  const running = left.run(gate, scene.gated('slow'));
  const waiting = later(left.run(join, quick('waits')));
  await scene.begun('slow');
  left.leave();
  await assert.rejects(waiting, { outcome: 'skipped', exit: 130 });
  await assert.rejects(left.run(join, quick('asked for too late')), { outcome: 'skipped', exit: 130 });
  const next = scene.start();
  const again = next.run(gate, scene.gated('slow'));
  const behind = next.run(join, quick('waits'));
  scene.open('slow');
  await Promise.all([running, again, behind]);
  await Promise.all([left.close(), next.close()]);
  assert.equal(scene.runs('slow'), 1);
  assert.equal(outcomes(left.events), 'waits skipped, asked for too late skipped, slow built');
  assert.equal(outcomes(next.events), 'slow built, waits built');
});

test('what a left build finishes is a hit for those that come later', async () => {
  const scene = await makeScene();
  const left = scene.start();
  const running = left.run(gate, scene.gated('slow'));
  await scene.begun('slow');
  left.leave();
  const next = scene.start();
  await next.run(join, quick('not held up'));
  scene.open('slow');
  await running;
  await left.close();
  await next.run(gate, scene.gated('slow'));
  await next.close();
  assert.equal(outcomes(next.events), 'not held up built, slow hit');
});

test('orphans give way to a job that has no room, the last started first', async () => {
  const scene = await makeScene();
  const left = scene.start();
  const first = left.run(gate, scene.gated('first'));
  await scene.begun('first');
  const second = later(left.run(gate, scene.gated('second')));
  await scene.begun('second');
  left.leave();
  const next = scene.start();
  await next.run(join, quick('in its place'));
  await assert.rejects(second, { outcome: 'skipped', exit: 130 });
  scene.open('first');
  await first;
  await Promise.all([left.close(), next.close()]);
  assert.equal(outcomes(left.events), 'second skipped, first built');
  assert.equal(outcomes(next.events), 'in its place built');
});

test('an orphan does not give way to what the next build asks for before it', async () => {
  const scene = await makeScene({ jobs: 1 });
  const left = scene.start();
  const running = left.run(gate, scene.gated('slow'));
  await scene.begun('slow');
  left.leave();
  const next = scene.start();
  const before = next.run(join, quick('asked for before'));
  await new Promise((done) => setImmediate(done)); // the pool has seen that there is no room
  const again = next.run(gate, scene.gated('slow'));
  scene.open('slow');
  await Promise.all([running, before, again]);
  await Promise.all([left.close(), next.close()]);
  assert.equal(scene.runs('slow'), 1);
});

test('an orphan is left alone when its end would make no room', async () => {
  const scene = await makeScene();
  const [left, next] = [scene.start(), scene.start()];
  const orphan = left.run(gate, scene.gated('orphan'));
  const kept = next.run(gate, scene.gated('kept'));
  await Promise.all([scene.begun('orphan'), scene.begun('kept')]);
  left.leave();
  // It wants both cores, and one of them is in use by a job that somebody waits for.
  const wide = next.run({ ...gate, cores: 2 }, scene.gated('wide'));
  scene.open('orphan');
  await orphan;
  scene.open('kept');
  scene.open('wide');
  await Promise.all([kept, wide]);
  await Promise.all([left.close(), next.close()]);
  assert.equal(outcomes(left.events), 'orphan built');
  assert.equal(outcomes(next.events), 'kept built, wide built');
});

test('a build that is aborted takes nothing from another, not even what both want', async () => {
  const scene = await makeScene();
  const stopper = new AbortController();
  const [aborted, other] = [scene.start({ signal: stopper.signal }), scene.start()];
  const shared = later(aborted.run(gate, scene.gated('shared')));
  await scene.begun('shared');
  const mine = other.run(gate, scene.gated('shared'));
  const alone = later(aborted.run(gate, scene.gated('alone')));
  await scene.begun('alone');
  stopper.abort();
  for (const promise of [shared, alone]) await assert.rejects(promise, { outcome: 'skipped', exit: 130 });
  await aborted.close();
  await other.run(join, quick('in the place of "alone"'));
  scene.open('shared');
  await mine;
  await other.close();
  assert.equal(scene.runs('shared'), 1);
  assert.equal(outcomes(other.events), 'in the place of "alone" built, shared built');
});

test('a left build publishes nothing that read a file which moved', async () => {
  const scene = await makeScene();
  write(scene.folder, { a: 'one' });
  const left = scene.start();
  const running = left.run(gate, scene.gated('reads a', { inputs: { from: await left.source('a') } }));
  await scene.begun('reads a');
  left.leave();
  write(scene.folder, { a: 'edited' });
  scene.open('reads a');
  await running;
  await left.close();
  assert.deepEqual(left.moved(), [path(scene.folder, 'a')]);
  const key = left.events.flatMap((event) => (event.event === 'finished' ? [event.key] : []))[0]!;
  assert.deepEqual(scene.store.receipts([key]), ['missing']);
});
