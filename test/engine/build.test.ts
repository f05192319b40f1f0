// The loop, in this process over the memory store: what runs, what doesn't, and what is said about it.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import test from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { digestOf } from '../../src/base/digest.ts';
import { JobFailed } from '../../src/engine/build.ts';
import { inProcess } from '../../src/engine/executor.ts';
import { stampOf } from '../../src/engine/stamp.ts';
import { begin, code, faults, makeFolder, one, outcomes, write, type Scene } from './rig.ts';
import { gate, head, join, lines, pick, tasks, trouble } from './toy-tasks.ts';

function makeScene(files: Readonly<Record<string, string>> = {}) {
  const workspace = makeFolder();
  write(workspace, files);
  const store = openMemoryStore();
  const start = (more: Partial<Parameters<typeof begin>[0]> = {}): Scene => begin({ store, executor: inProcess({ store, tasks }), workspace, ...more });
  return { workspace, store, start };
}

/** a and b joined, then the first letters of that. */
async function plan(build: Scene): Promise<string> {
  const both = await build.run(join, { label: 'both', inputs: { from: [await build.source('a'), await build.source('b')] } });
  const short = await build.run(head, { label: 'short', options: { letters: 3 }, inputs: { text: one(both) } });
  const last = await build.run(join, { label: 'last', inputs: { from: [one(short)] } });
  return build.text(one(last));
}

test('the second build runs nothing', async () => {
  const scene = makeScene({ a: 'one', b: 'two' });
  const first = scene.start();
  assert.equal(await plan(first), '((on)');
  await first.close();
  assert.equal(outcomes(first.events), 'both built, short built, last built');
  const second = scene.start();
  assert.equal(await plan(second), '((on)');
  await second.close();
  assert.equal(outcomes(second.events), 'both hit, short hit, last hit');
  assert.deepEqual(second.tally(), { join: { hit: 2, built: 0, failed: 0, skipped: 0 }, head: { hit: 1, built: 0, failed: 0, skipped: 0 } });
});

test('an edit stops where the bytes agree again', async () => {
  const scene = makeScene({ a: 'one', b: 'two' });
  const first = scene.start();
  await plan(first);
  await first.close();
  write(scene.workspace, { b: 'three' });
  const second = scene.start();
  await plan(second);
  await second.close();
  assert.equal(outcomes(second.events), 'both built, short built, last hit');
});

test('a file that was only touched changes nothing', async () => {
  const scene = makeScene({ a: 'one', b: 'two' });
  const first = scene.start();
  await plan(first);
  await first.close();
  rmSync(path(scene.workspace, 'a'));
  write(scene.workspace, { a: 'one' });
  const second = scene.start();
  await plan(second);
  await second.close();
  assert.equal(outcomes(second.events), 'both hit, short hit, last hit');
});

test('code, options and members are in the key; labels are not', async () => {
  const scene = makeScene({ a: 'one' });
  const request = { label: 'x', inputs: { from: [] } };
  const ran = async (more: object, start: Parameters<typeof scene.start>[0] = {}): Promise<string> => {
    const build = scene.start(start);
    await build.run(join, { ...request, ...more });
    await build.close();
    return outcomes(build.events);
  };
  assert.equal(await ran({}), 'x built');
  assert.equal(await ran({ label: 'y' }), 'y hit');
  assert.equal(await ran({ options: { word: '+' } }), 'x hit', 'a default that is spelled out is the same recipe');
  assert.equal(await ran({ options: { word: '-' } }), 'x built');
  assert.equal(await ran({ uses: ['toys/red'] }), 'x built');
  assert.equal(await ran({ uses: ['toys/red', 'toys/blue'] }), 'x built');
  assert.equal(await ran({ uses: ['toys/blue', 'toys/red'] }), 'x hit', 'the order of members is not in the key');
  const edited = { ...code, tasks: { ...code.tasks, join: digestOf('edited') } };
  assert.equal(await ran({}, { code: edited }), 'x built');
});

test('a request that does not fit its task is a bug', async () => {
  const build = makeScene().start();
  await assert.rejects(build.run(join, { label: 'x', uses: ['toys/green'], inputs: { from: [] } }), { message: 'BUG: join (x) uses toys/green, which no table has' });
  await assert.rejects(build.run(join, { label: 'x', inputs: { to: [] } }), { message: 'BUG: join (x): no input to; it has from' });
  await assert.rejects(build.run(head, { label: 'x', options: { letters: 1 } }), { message: 'BUG: head (x): input text is missing' });
  await assert.rejects(build.run(join, { label: 'x', options: { wrod: '' }, inputs: { from: [] } }), /^Error: BUG: options of join \(x\): /);
  await build.close();
});

test('one key runs once, however often it is asked for at a time', async () => {
  const build = makeScene().start();
  const request = { label: 'x', inputs: { from: [] } };
  const all = await Promise.all([build.run(join, request), build.run(join, request), build.map(join, [request, request])]);
  await build.close();
  assert.equal(outcomes(build.events), 'x built');
  assert.equal(all.flat().length, 4);
});

test('map answers in the order of its requests and keeps a receipt for each', async () => {
  const scene = makeScene();
  const requests = Array.from({ length: 20 }, (_, n) => ({ label: `job ${n}`, options: { word: String(n) }, inputs: { from: [] } }));
  const first = scene.start();
  await first.map(join, requests.slice(5, 10));
  await first.close();
  const second = scene.start();
  const outputs = await second.map(join, requests);
  await second.close();
  assert.equal(outputs.length, 20);
  assert.deepEqual(second.tally(), { join: { hit: 5, built: 15, failed: 0, skipped: 0 } });
});

test('a failed job fails what awaits it, says why once, and nothing new starts', async () => {
  const build = makeScene().start();
  const failing = build.run(trouble, { label: 'bad', options: { how: 'fault' } });
  await assert.rejects(failing, new JobFailed({ task: 'trouble', label: 'bad', outcome: 'failed', exit: 1 }));
  await assert.rejects(build.run(join, { label: 'next', inputs: { from: [] } }), new JobFailed({ task: 'join', label: 'next', outcome: 'skipped', exit: 1 }));
  await build.close();
  assert.equal(outcomes(build.events), 'bad failed, next skipped');
  assert.deepEqual(faults(build.events), ['the toy is broken\n   try  another toy']);
});

test('what waits when a job fails does not start', async () => {
  const build = makeScene().start();
  await Promise.allSettled([
    build.run(trouble, { label: 'bad', options: { how: 'fault' } }),
    build.map(join, ['a', 'b'].map((word) => ({ label: word, options: { word }, inputs: { from: [] } }))),
  ]);
  await build.close();
  assert.equal(outcomes(build.events), 'bad failed, a skipped, b skipped');
});

test('a failed job leaves no receipt: it runs again', async () => {
  const scene = makeScene();
  for (let round = 0; round < 2; round++) {
    const build = scene.start();
    await assert.rejects(build.run(trouble, { label: 'bad', options: { how: 'fault' } }));
    await build.close();
    assert.equal(outcomes(build.events), 'bad failed');
  }
});

test('with keepGoing the rest is still built', async () => {
  const build = makeScene().start({ keepGoing: true });
  await assert.rejects(build.run(trouble, { label: 'bad', options: { how: 'fault' } }));
  await build.run(join, { label: 'next', inputs: { from: [] } });
  await build.close();
  assert.equal(outcomes(build.events), 'bad failed, next built');
});

test('what a task throws by mistake is a bug, and exit code 70', async () => {
  for (const [how, text] of [
    ['bug', /^BUG in task trouble: TypeError: a toy bug\n/],
    ['undeclared', /^BUG in task trouble: Error: BUG: trouble wrote more, which it does not declare\n/],
    ['unkept', /^BUG in task trouble: Error: BUG: output text of trouble refers to [0-9a-f]{64}, which it neither kept nor was given\n/],
  ] as const) {
    const build = makeScene().start();
    await assert.rejects(build.run(trouble, { label: 'bad', options: { how } }), new JobFailed({ task: 'trouble', label: 'bad', outcome: 'failed', exit: 70 }));
    await build.close();
    assert.match(faults(build.events)[0]!, text);
  }
});

test('a missing source is a fault that names it', async () => {
  const build = makeScene().start();
  await assert.rejects(build.source('model.onnx'), { message: 'model.onnx  no such file' });
  await build.close();
});

test('a lost blob is made again by its producer, in the same build, however late it is noticed', async () => {
  for (const how of ['missing', 'corrupt'] as const) {
    const scene = makeScene({ a: 'one', b: 'two' });
    const first = scene.start();
    const both = await first.run(join, { label: 'both', inputs: { from: [await first.source('a'), await first.source('b')] } });
    await first.close();
    scene.store.spoil(one(both).digest, how);
    const second = scene.start();
    const again = await second.run(join, { label: 'both', inputs: { from: [await second.source('a'), await second.source('b')] } });
    const short = await second.run(head, { label: 'short', options: { letters: 4 }, inputs: { text: one(again) } });
    assert.equal(await second.text(one(short)), '(one');
    await second.close();
    assert.equal(outcomes(second.events), 'both hit, both built, short built');
    assert.deepEqual(second.tally(), { join: { hit: 0, built: 1, failed: 0, skipped: 0 }, head: { hit: 0, built: 1, failed: 0, skipped: 0 } });
    assert.deepEqual(second.events.filter(({ event }) => event === 'repaired'), [{ event: 'repaired', digest: one(both).digest, why: how, by: 'both' }]);
  }
});

test('a repair goes back as far as it must, to the file if need be', async () => {
  const scene = makeScene({ a: 'one\ntwo', b: '' });
  const run = async (line: number): Promise<Scene> => {
    const build = scene.start();
    const index = await build.run(lines, { label: 'index', inputs: { text: await build.source('a') } });
    const text = await build.run(pick, { label: 'pick', options: { line }, inputs: { index: one(index, 'index') } });
    assert.equal(await build.text(one(text)), line === 0 ? 'one' : 'two');
    assert.ok(await build.stamps(new Set([path(scene.workspace, 'a')])), 'the stamp is settled, so the next build does not read the file');
    await build.close();
    return build;
  };
  const first = await run(0);
  assert.equal(outcomes(first.events), 'index built, pick built');
  scene.store.spoil(digestOf('two'), 'corrupt');
  scene.store.spoil(digestOf('one\ntwo'), 'missing');
  const second = await run(1);
  assert.equal(outcomes(second.events), 'index hit, index built, pick built');
  assert.deepEqual(second.events.flatMap((event) => (event.event === 'repaired' ? [`${event.why} ${event.by === 'index'}`] : [])), ['missing false', 'corrupt true']);
});

test('what read() finds lost is repaired too', async () => {
  const scene = makeScene({ a: 'one', b: 'two' });
  const first = scene.start();
  const both = await first.run(join, { label: 'both', inputs: { from: [await first.source('a')] } });
  assert.equal(await first.text(one(both)), '(one)');
  scene.store.spoil(one(both).digest, 'missing');
  scene.store.spoil(digestOf('one'), 'missing');
  assert.equal(await first.text(one(both)), '(one)');
  await first.close();
  assert.equal(outcomes(first.events), 'both built, both built');
  assert.deepEqual(first.tally(), { join: { hit: 0, built: 1, failed: 0, skipped: 0 } });
});

test('a task that gives other bytes for the same recipe is found out when it repairs', async () => {
  const scene = makeScene();
  const build = scene.start();
  const text = await build.run(trouble, { label: 'dice', options: { how: 'chance' } });
  scene.store.spoil(one(text).digest, 'missing');
  await assert.rejects(build.text(one(text)), JobFailed);
  await build.close();
  assert.deepEqual(faults(build.events), ['BUG in task trouble: the same recipe gave other bytes than before']);
});

test('an input edited while its job runs is never published', async () => {
  const scene = makeScene({ a: 'one', b: 'two' });
  const started = path(scene.workspace, 'started');
  const open = path(scene.workspace, 'open');
  const build = scene.start({ executor: inProcess({ store: scene.store, tasks, jobs: 2 }) });
  const gated = build.run(gate, { label: 'gate', options: { started, open }, inputs: { from: await build.source('a') } });
  const other = await build.run(join, { label: 'other', inputs: { from: [await build.source('b')] } });
  write(scene.workspace, { a: 'edited' });
  writeFileSync(open, '');
  const behind = await build.run(join, { label: 'behind', inputs: { from: [one(await gated), one(other)] } });
  assert.ok(one(behind).size > 0);
  assert.equal(await build.stamps(new Set([path(scene.workspace, 'a')])), undefined, 'no goal record can be made of this build');
  await build.close();
  assert.deepEqual(await build.stamps(new Set([path(scene.workspace, 'b')])), { [path(scene.workspace, 'b')]: stampOf(path(scene.workspace, 'b')) }, 'one of what reads b alone can');
  assert.deepEqual(build.moved(), [path(scene.workspace, 'a')]);
  assert.deepEqual(build.events.filter(({ event }) => event === 'moved'), [{ event: 'moved', path: path(scene.workspace, 'a') }]);
  write(scene.workspace, { a: 'one' });
  const next = scene.start();
  const again = await next.run(gate, { label: 'gate', options: { started, open }, inputs: { from: await next.source('a') } });
  const others = await next.run(join, { label: 'other', inputs: { from: [await next.source('b')] } });
  await next.run(join, { label: 'behind', inputs: { from: [one(again), one(others)] } });
  await next.close();
  assert.equal(outcomes(next.events), 'gate built, other hit, behind built');
});

test('interrupted, nothing more starts and the exit code is 130', async () => {
  const stopper = new AbortController();
  const scene = makeScene({ a: 'one' });
  const build = scene.start({ signal: stopper.signal });
  await build.run(join, { label: 'before', inputs: { from: [] } });
  stopper.abort();
  await assert.rejects(build.run(join, { label: 'after', options: { word: '-' }, inputs: { from: [] } }), new JobFailed({ task: 'join', label: 'after', outcome: 'skipped', exit: 130 }));
  await build.close();
  assert.equal(outcomes(build.events), 'before built, after skipped');
});

test('the history says what ran, and the last two keys of a label', async () => {
  const scene = makeScene();
  const keys: string[] = [];
  for (const word of ['a', 'b', 'b']) {
    const build = scene.start();
    await build.run(join, { label: 'x', options: { word }, inputs: { from: [] } });
    await build.close();
    keys.push(...build.events.flatMap((event) => (event.event === 'finished' ? [event.key] : [])));
  }
  const last = scene.store.lastRun({ task: 'join', label: 'x' });
  assert.deepEqual([last?.before, last?.key], [keys[0], keys[1]]);
  assert.equal(keys[2], keys[1]);
  assert.deepEqual(scene.store.history(3).map(({ jobs }) => jobs.map(({ label, outcome }) => `${label} ${outcome}`)), [[], ['x built'], ['x built']]);
  assert.equal(scene.store.recipe(last!.key), `{"code":"${code.tasks['join']}","inputs":{"from":[]},"options":{"bytes":0,"word":"b"},"task":"join","uses":{}}`);
});

test('of very many jobs the history keeps the slowest, and counts all', async () => {
  const scene = makeScene();
  const build = scene.start();
  await build.map(join, Array.from({ length: 1200 }, (_, n) => ({ label: `${n}`, options: { word: `${n}` }, inputs: { from: [] } })));
  await build.close();
  const [{ jobs, tasks }] = scene.store.history(1) as [ReturnType<typeof scene.store.history>[number]];
  assert.deepEqual([jobs.length, tasks['join']!.built], [1000, 1200]);
  const kept = jobs.map(({ ms }) => ms);
  assert.deepEqual(kept, [...kept].sort((a, b) => b - a));
});
