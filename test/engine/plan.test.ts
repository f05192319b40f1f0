// The dry run over toy tasks: what it says of jobs that the store lacks, and that it leaves no trace.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import type { Build } from '../../src/engine/build.ts';
import { inProcess } from '../../src/engine/executor.ts';
import { pastAfter, type Past } from '../../src/engine/past.ts';
import { startPlan, type Plan } from '../../src/engine/plan.ts';
import { begin, code, makeFolder, one, write } from './rig.ts';
import { head, join, lines, pick, tasks } from './toy-tasks.ts';

type Story = (build: Build) => Promise<unknown>;

function makeScene(files: Readonly<Record<string, string>>) {
  const workspace = makeFolder();
  write(workspace, files);
  const store = openMemoryStore();
  let past: Past | undefined;
  return {
    workspace, store,
    async build(story: Story): Promise<void> {
      const build = begin({ store, executor: inProcess({ store, tasks }), workspace });
      await story(build);
      await build.close();
      past = pastAfter(past, { workspace, goal: 'toy', place: '' }, { at: 0, complete: true, ...build.asked() });
    },
    plan: (story: Story): Promise<Plan> => startPlan({ store, code, workspace }).follow(story, past),
  };
}

/** 'both will run, short may run (join both)': every job's fate, and whose output decides it. */
function told({ jobs }: Plan): string {
  return jobs.map(({ label, fate, causes, lost }) => `${label} ${fate}${causes.length > 0 ? ` (${causes.join(', ')})` : ''}${lost === undefined ? '' : ` [${lost}]`}`).join(', ');
}

const story: Story = async (build) => {
  const both = await build.run(join, { label: 'both', inputs: { from: [await build.source('a'), await build.source('b')] } });
  const short = await build.run(head, { label: 'short', options: { letters: 3 }, inputs: { text: one(both) } });
  await build.run(join, { label: 'last', inputs: { from: [one(short)] } });
};

/** Decides by what it reads. */
const reading: Story = async (build) => {
  const index = await build.run(lines, { label: 'index', inputs: { text: await build.source('a') } });
  const first = await build.run(pick, { label: 'first', options: { line: 0 }, inputs: { index: one(index, 'index') } });
  const text = Buffer.from(await build.read(one(first))).toString();
  await build.run(head, { label: `behind ${text}`, options: { letters: 1 }, inputs: { text: one(first) } });
};

test('an edit: its readers will run, and what reads those may', async () => {
  const scene = makeScene({ a: 'one', b: 'two' });
  await scene.build(story);
  assert.equal(told(await scene.plan(story)), 'both hit, short hit, last hit');
  write(scene.workspace, { b: 'three' });
  assert.equal(told(await scene.plan(story)), 'both will run, short may run (join both), last may run (join both)');
});

test('a plan keeps nothing: no file, no stamp, no receipt', async () => {
  const scene = makeScene({ a: 'one', b: 'two' });
  await scene.plan(story);
  assert.equal(scene.store.history(1).length, 0);
  const stored = startPlan({ store: scene.store, code, workspace: scene.workspace });
  const { digest } = await stored.source('a');
  assert.deepEqual([scene.store.has(digest), scene.store.stamped(`${scene.workspace}/a`)], [false, undefined]);
});

test('where the story reads what is not known yet, the rest is told from the last build', async () => {
  const scene = makeScene({ a: 'one\ntwo' });
  const first = await scene.plan(reading);
  assert.deepEqual([told(first), first.stops, first.remembered], ['index will run, first may run (lines index)', ['pick first'], false]);
  await scene.build(reading);
  write(scene.workspace, { a: 'three\ntwo' });
  const plan = await scene.plan(reading);
  assert.equal(told(plan), 'index will run, first may run (lines index), behind one may run (pick first)');
  assert.deepEqual([plan.stops, plan.behind, plan.remembered], [['pick first'], 1, true]);
});

test('branches beside the one that stops are followed to their end', async () => {
  const scene = makeScene({ a: 'one', b: 'two' });
  const branches: Story = async (build) => {
    const branch = async (name: string): Promise<void> => {
      const made = await build.run(join, { label: name, inputs: { from: [await build.source(name)] } });
      await build.read(one(made));
    };
    // What the other waits for beside the store, a module or a file, takes a turn of the event loop.
    await Promise.all([branch('a'), new Promise((done) => setImmediate(done)).then(() => branch('b'))]);
  };
  const plan = await scene.plan(branches);
  assert.deepEqual([told(plan), plan.stops], ['a will run, b will run', ['join a', 'join b']]);
});

test('bytes that the cache lost are made again when somebody needs them, and only then', async () => {
  const scene = makeScene({ a: 'one', b: 'two' });
  let short = '';
  await scene.build(async (build) => {
    await story(build);
    short = (await build.run(head, { label: 'short', options: { letters: 3 }, inputs: { text: one(await build.run(join, { label: 'both', inputs: { from: [await build.source('a'), await build.source('b')] } })) } }))['text']!.digest;
  });
  scene.store.spoil(short as never, 'missing');
  assert.equal(told(await scene.plan(story)), 'both hit, short hit, last hit', 'nobody reads it');
  const more: Story = async (build) => {
    await story(build);
    const both = await build.run(join, { label: 'both', inputs: { from: [await build.source('a'), await build.source('b')] } });
    const again = await build.run(head, { label: 'short', options: { letters: 3 }, inputs: { text: one(both) } });
    await build.run(join, { label: 'new', options: { word: '-' }, inputs: { from: [one(again)] } });
  };
  assert.equal(told(await scene.plan(more)), 'both hit, short will run [missing], last hit, new will run');
});

test('one recipe under two names is one job', async () => {
  const scene = makeScene({ a: 'one' });
  const { jobs } = await scene.plan(async (build) => {
    const from = [await build.source('a')];
    await build.map(join, [{ label: 'x', inputs: { from } }, { label: 'y', inputs: { from } }]);
  });
  assert.deepEqual(jobs.map(({ label, also }) => [label, also]), [['x', ['y']]]);
});

test('a fault of the story is the plan\'s', async () => {
  await assert.rejects(makeScene({}).plan(story), /no such file/);
});
