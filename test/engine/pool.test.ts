// Worker processes over the cache on disk: limits, deaths, interruption, two builds in one cache.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import test from 'node:test';
import { fork } from 'node:child_process';
import { JobFailed } from '../../src/engine/build.ts';
import { digestOf, type Key } from '../../src/base/digest.ts';
import type { JobRecord } from '../../src/engine/store.ts';
import { isAlive } from '../../src/engine/temporary.ts';
import { appeared, begin, faults, makeFolder, makePool, makeStore, one, outcomes, type Scene } from './rig.ts';
import { gate, join, lines, meterFat, meterSmall, meterWide, pick, trouble } from './toy-tasks.ts';

async function makeScene(options: Parameters<typeof makePool>[1] = {}) {
  const folder = makeFolder();
  const pool = makePool(folder, options);
  const store = await makeStore(folder);
  const start = (more: Partial<Parameters<typeof begin>[0]> = {}): Scene => begin({ store, executor: pool.client(), workspace: folder, ...more });
  return { folder, pool, store, start };
}

test('workers read and write through the cache, small blobs and large', async () => {
  const scene = await makeScene();
  for (const outcome of ['built', 'hit']) {
    const build = scene.start();
    writeFileSync(path(scene.folder, 'a'), 'one\ntwo');
    const index = await build.run(lines, { label: 'index', options: { bytes: 100_000 }, inputs: { text: await build.source('a') } });
    const picked = await build.map(pick, [0, 1].map((line) => ({ label: `pick ${line}`, options: { line }, inputs: { index: one(index, 'index') } })));
    const texts = await Promise.all(picked.map((outputs) => build.text(one(outputs))));
    assert.deepEqual(texts, ['one'.padEnd(100_000, '.'), 'two'.padEnd(100_000, '.')]);
    await build.close();
    assert.deepEqual(build.tally(), {
      lines: { hit: 0, built: 0, failed: 0, skipped: 0, [outcome]: 1 },
      pick: { hit: 0, built: 0, failed: 0, skipped: 0, [outcome]: 2 },
    });
  }
});

test('two thousand small jobs go in bulk; what they say arrives', async () => {
  const scene = await makeScene();
  const requests = Array.from({ length: 2000 }, (_, n) => ({ label: `job ${n}`, options: { word: String(n), ...(n === 7 ? { say: 'seven' } : {}) }, inputs: { from: [] } }));
  const build = scene.start();
  await build.map(join, requests);
  await build.close();
  assert.deepEqual(build.tally(), { join: { hit: 0, built: 2000, failed: 0, skipped: 0 } });
  assert.deepEqual(build.events.flatMap((event) => (event.event === 'log' ? [`${event.label}: ${event.line}`] : [])), ['job 7: seven']);
  const again = scene.start();
  await again.map(join, requests);
  await again.close();
  assert.deepEqual(again.tally(), { join: { hit: 2000, built: 0, failed: 0, skipped: 0 } });
  assert.equal(scene.pool.pids().length, 2);
});

test('a worker killed with -9 fails its own job only, and is replaced', async () => {
  const scene = await makeScene();
  const build = scene.start({ keepGoing: true });
  const doomed = build.run(trouble, { label: 'doomed', options: { how: 'die' } });
  const others = build.map(join, ['a', 'b', 'c', 'd'].map((word) => ({ label: word, options: { word }, inputs: { from: [] } })));
  await assert.rejects(doomed, new JobFailed({ task: 'trouble', label: 'doomed', outcome: 'failed', exit: 1 }));
  assert.equal((await others).length, 4);
  await build.run(join, { label: 'after', options: { word: 'e' }, inputs: { from: [] } });
  await build.close();
  assert.deepEqual(build.tally(), { trouble: { hit: 0, built: 0, failed: 1, skipped: 0 }, join: { hit: 0, built: 5, failed: 0, skipped: 0 } });
  assert.deepEqual(faults(build.events), [
    `doomed: the worker process died while it ran trouble
   ended by  SIGKILL
   try       fewer jobs at once (-j), or less memory for all of them (--memory): the system may have run out of it`,
  ]);
});

test('the fault of a dead worker has its last words', async () => {
  const scene = await makeScene({ jobs: 1 });
  const build = scene.start();
  await assert.rejects(build.run(trouble, { label: 'quitter', options: { how: 'exit' } }));
  await build.close();
  assert.deepEqual(faults(build.events), [
    `quitter: the worker process died while it ran trouble
   ended by  exit code 3
   it said   the toy gives up
   try       again; if it dies again, please report it`,
  ]);
});

for (const [how, text] of [
  ['die', `bad: the worker process died while it ran trouble
   ended by  SIGKILL
   try       fewer jobs at once (-j), or less memory for all of them (--memory): the system may have run out of it`],
  ['hoard', `bad: the worker process died while it ran trouble
   ended by  SIGABRT
   it said   FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
   try       NODE_OPTIONS=--max-old-space-size=8192 (megabytes): a larger heap than Node gives a process by itself`],
] as const) {
  test(`in a bulk, only the job that makes its worker ${how} fails`, async () => {
    const scene = await makeScene({ jobs: 1, execArgv: ['--import', 'tsx', '--max-old-space-size=128'] });
    const fine = (n: number) => ({ label: `fine ${n}`, options: { how: 'none', n } });
    const build = scene.start({ keepGoing: true });
    await build.map(trouble, [fine(100), fine(101)]);
    const results = await Promise.allSettled([fine(0), fine(1), { label: 'bad', options: { how } }, fine(2), fine(3)].map((request) => build.run(trouble, request)));
    await build.close();
    assert.deepEqual(results.map(({ status }) => status), ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    assert.deepEqual(faults(build.events), [text]);
  });
}

test('the job with most behind it goes first, once the history knows what that is', async () => {
  const scene = await makeScene({ jobs: 1 });
  const started = async (round: number): Promise<string[]> => {
    const build = scene.start();
    await Promise.all(['single 0', 'single 1', 'chain'].map((label, n) => build.run(trouble, { label, options: { how: 'none', n: 10 * round + n } })));
    await build.close();
    return build.events.flatMap((event) => (event.event === 'started' ? [event.label] : []));
  };
  assert.deepEqual(await started(1), ['single 0', 'single 1', 'chain'], 'first asked, first served, as long as nothing is known');
  // Written, not measured: a busy machine may take any time for anything.
  const known = (label: string, pathMs: number): JobRecord => ({ task: 'trouble', label, key: digestOf(label) as string as Key, outcome: 'built', ms: 10, pathMs });
  await scene.store.record({ at: 1, seconds: 1, workspace: scene.folder, command: [], goals: [], tasks: {}, savedMs: 0, jobs: [] }, [known('single 0', 5000), known('single 1', 5001), known('chain', 60_000)]);
  assert.deepEqual(await started(2), ['chain', 'single 1', 'single 0']);
});

test('cores and memory that tasks declare are never exceeded', async () => {
  const scene = await makeScene({ jobs: 3, memoryBytes: 100 });
  const file = path(scene.folder, 'meter');
  const build = scene.start();
  const jobs = [meterSmall, meterWide, meterFat].map((task, t) =>
    build.map(task, Array.from({ length: 8 }, (_, n) => ({ label: `${task.name} ${n}`, options: { file, n, ms: 3 + ((n + t) % 3) } }))),
  );
  await Promise.all(jobs);
  await build.close();
  let cores = 0;
  let memory = 0;
  let most = 0;
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const [moreCores, moreMemory] = line.split(' ').map(Number) as [number, number];
    cores += moreCores;
    memory += moreMemory;
    most = Math.max(most, cores);
    assert.ok(cores <= 3, `${cores} cores at once`);
    assert.ok(memory <= 100, `${memory} bytes at once`);
  }
  assert.equal(cores, 0);
  assert.ok(most > 1, 'they did run side by side');
});

test('with one job at a time nothing runs side by side', async () => {
  const scene = await makeScene({ jobs: 1 });
  const file = path(scene.folder, 'meter');
  const build = scene.start();
  await Promise.all([meterSmall, meterWide].map((task) => build.map(task, [0, 1, 2].map((n) => ({ label: `${task.name} ${n}`, options: { file, n, ms: 1 } })))));
  await build.close();
  const notes = readFileSync(file, 'utf8').trimEnd().split('\n');
  assert.deepEqual(notes.filter((_, i) => i % 2 === 1), notes.filter((_, i) => i % 2 === 0).map((line) => line.replace(/(\d+) (\d+)/, '-$1 -$2')));
  assert.equal(notes.length, 12);
});

test('what needs more than the pool has runs alone', async () => {
  const scene = await makeScene({ jobs: 2, memoryBytes: 50 });
  const file = path(scene.folder, 'meter');
  const build = scene.start();
  await Promise.all([
    build.map(meterFat, [0, 1].map((n) => ({ label: `fat ${n}`, options: { file, n, ms: 2 } }))),
    build.map(meterSmall, [0, 1].map((n) => ({ label: `small ${n}`, options: { file, n, ms: 2 } }))),
  ]);
  await build.close();
  const notes = readFileSync(file, 'utf8').trimEnd().split('\n');
  notes.forEach((line, i) => {
    if (line === '1 60') assert.equal(notes[i + 1], '-1 -60');
  });
  assert.equal(notes.length, 8);
});

test('interrupted, running jobs are killed and nothing of them is published', async () => {
  const scene = await makeScene();
  const stopper = new AbortController();
  const started = path(scene.folder, 'started');
  const options = { started, open: path(scene.folder, 'never'), how: 'spin' };
  const build = scene.start({ signal: stopper.signal });
  const running = build.run(gate, { label: 'gate', options });
  const refused = assert.rejects(running, new JobFailed({ task: 'gate', label: 'gate', outcome: 'skipped', exit: 130 }));
  const pid = Number(await appeared(started));
  stopper.abort();
  await refused;
  await build.close();
  await scene.pool.close();
  assert.equal(isAlive(pid), false);
  assert.equal(outcomes(build.events), 'gate skipped');
  const key = build.events.flatMap((event) => (event.event === 'finished' ? [event.key] : []))[0]!;
  assert.deepEqual(scene.store.receipts([key]), ['missing']);
});

test('a corrupt or missing file of the cache is made again in the same build', async () => {
  const scene = await makeScene();
  const request = { label: 'big', options: { bytes: 200_000 }, inputs: { from: [] } };
  const first = scene.start();
  const big = one(await first.run(join, request));
  await first.close();
  const file = path(scene.folder, 'cache/v1/blobs', big.digest.slice(0, 2), big.digest);
  const bytes = readFileSync(file);
  bytes[1000]! ^= 1;
  for (const why of ['corrupt', 'missing']) {
    if (why === 'corrupt') writeFileSync(file, bytes);
    else writeFileSync(file, '');
    const build = scene.start();
    const text = await build.text(one(await build.run(join, request)));
    assert.equal(text, '()'.padEnd(200_000, '.'));
    await build.close();
    assert.equal(outcomes(build.events), 'big hit, big built');
  }
});

test('two processes that build the same plan in one cache at once both end right', async () => {
  const folder = makeFolder();
  writeFileSync(path(folder, 'source'), 'some text');
  const build = (): Promise<string> =>
    new Promise((done, fail) => {
      const child = fork(path(import.meta.dirname, 'toy-build.ts'), [folder, '2'], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
      let said = '';
      child.stdout!.on('data', (chunk) => (said += String(chunk)));
      child.on('close', (exit) => (exit === 0 ? done(said.trimEnd().split('\n').at(-1)!) : fail(new Error(`exit ${exit}: ${said}`))));
    });
  const [a, b] = await Promise.all([build(), build()]);
  const after = await build();
  assert.match(a, /^result [0-9a-f]{64} /);
  assert.equal(a.split(' ')[1], b.split(' ')[1]);
  assert.equal(after, `result ${a.split(' ')[1]} ran 0`);
  assert.deepEqual(readdirSync(path(folder, 'cache/v1/tmp')), []);
  assert.deepEqual(readdirSync(path(folder, 'cache/v1/running')), []);
});
