// Why a job ran: toy builds, one after the other, and what is said of their jobs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { digestOf } from '../../src/base/digest.ts';
import type { Build } from '../../src/engine/build.ts';
import { inProcess } from '../../src/engine/executor.ts';
import { findJob } from '../../src/engine/find-job.ts';
import { pastAfter, pastsOf, readPast, writePast, type Past } from '../../src/engine/past.ts';
import type { CodeDigests } from '../../src/engine/recipe.ts';
import { explain } from '../../src/engine/why.ts';
import { whyText } from '../../src/ui/why.ts';
import { begin, code as plainCode, makeFolder, one, write } from './rig.ts';
import { head, join, tasks, trouble } from './toy-tasks.ts';

interface Settings {
  word?: string;
  letters?: number;
  uses?: readonly string[];
  from?: readonly string[];
  code?: CodeDigests;
  fails?: boolean;
  /** last reads the whole instead of the letters. */
  whole?: boolean;
}

/** both joins the files, short takes letters, last joins that. */
async function story(build: Build, { word = '+', letters = 3, uses = [], from = ['a', 'b'], whole = false }: Settings): Promise<void> {
  const both = await build.run(join, { label: 'toy both', options: { word }, uses, inputs: { from: await Promise.all(from.map((name) => build.source(name))) } });
  const short = await build.run(head, { label: 'toy short', options: { letters }, inputs: { text: one(both) } });
  await build.run(join, { label: 'toy last', inputs: { from: [one(whole ? both : short)] } });
}

function makeScene() {
  const workspace = makeFolder();
  write(workspace, { a: 'one', b: 'two', c: 'three' });
  const store = openMemoryStore();
  let past: Past | undefined;
  return {
    workspace, store,
    async build(settings: Settings = {}): Promise<void> {
      const build = begin({ store, executor: inProcess({ store, tasks }), workspace, ...(settings.code && { code: settings.code }) });
      await story(build, settings).catch(() => undefined);
      await build.close();
      past = pastAfter(past, { workspace, goal: 'toy', place: '' }, { at: 0, complete: settings.fails !== true, ...build.asked() });
    },
    why: (name: string): string => whyText({
      why: explain(store, past!, findJob(past!.jobs, name)),
      settingOf: (_, option) => (option === 'letters' ? { name: 'toy.letters', inOtherWords: false, place: 'toy.yaml:3' } : undefined),
      pathOf: (path) => path.slice(workspace.length + 1),
    }),
    past: () => past!,
  };
}

test('the first build', async () => {
  const scene = makeScene();
  await scene.build();
  assert.equal(scene.why('head toy short'), 'head toy short  ran in the last build\n  no build before had this job\n');
});

test('nothing changed', async () => {
  const scene = makeScene();
  await scene.build();
  await scene.build();
  assert.equal(scene.why('short'), 'head toy short  hit in the last build\n  nothing that it sees has changed\n');
});

test('a setting of the job itself, where the user wrote it', async () => {
  const scene = makeScene();
  await scene.build();
  await scene.build({ letters: 2 });
  assert.equal(scene.why('short'), 'head toy short  ran in the last build\nbecause\n  head toy short  toy.letters: 3 -> 2  toy.yaml:3\n');
  assert.equal(scene.why('both'), 'join toy both  hit in the last build\n  nothing that it sees has changed\n');
});

test('a setting upstream, by way of the jobs between', async () => {
  const scene = makeScene();
  await scene.build();
  await scene.build({ word: 'x' });
  // The first three letters stay: last hits.
  assert.equal(scene.why('short'), 'head toy short  ran in the last build\n  input text: other bytes from join toy both\nbecause\n  join toy both  word: "+" -> x\n');
  assert.equal(scene.why('last'), 'join toy last  hit in the last build\n  nothing that it sees has changed\n');
  await scene.build({ word: 'x', letters: 6 });
  write(scene.workspace, { a: 'uno' });
  await scene.build({ word: 'x', letters: 6 });
  assert.equal(scene.why('last'), [
    'join toy last  ran in the last build', '  input from[0]: other bytes from head toy short', 'because', '  join toy both  a: its content  by way of head toy short', '',
  ].join('\n'));
});

test('a file more', async () => {
  const scene = makeScene();
  await scene.build();
  await scene.build({ from: ['c', 'a', 'b'] });
  assert.equal(scene.why('both'), 'join toy both  ran in the last build\n  input from[0]: new, from c\nbecause\n  join toy both  c: its content\n');
});

test('wired otherwise: another job makes the input, and neither has changed', async () => {
  const scene = makeScene();
  await scene.build();
  await scene.build({ whole: true });
  assert.equal(scene.why('last'), 'join toy last  ran in the last build\n  input from[0]: from join toy both, before from head toy short\n');
  await scene.build({ whole: true, letters: 2 });
  await scene.build({ letters: 2, from: ['a', 'b', 'c'] });
  assert.match(scene.why('last'), /\n {2}input from\[0\]: from head toy short, before from join toy both\n/);
});

test("axbuild's own code: of a task, and of a member of a table", async () => {
  const scene = makeScene();
  await scene.build({ uses: ['toys/red'] });
  const code = { ...plainCode, tasks: { ...plainCode.tasks, join: digestOf('edited') } };
  await scene.build({ uses: ['toys/red'], code });
  assert.equal(scene.why('both'), "join toy both  ran in the last build\nbecause\n  join toy both  axbuild's own code of this task\n");
  await scene.build({ uses: ['toys/blue'], code: { ...code, members: { ...code.members, 'toys/red': digestOf('edited') } } });
  assert.equal(scene.why('both'), [
    'join toy both  ran in the last build', 'because',
    "  join toy both  axbuild's own code: toys/blue, which it did not use before",
    "  join toy both  axbuild's own code: toys/red, which it no longer uses", '',
  ].join('\n'));
});

test('an edit taken back: the recipe differs, and the cache knows it', async () => {
  const scene = makeScene();
  for (const letters of [3, 2, 3]) await scene.build({ letters });
  assert.equal(scene.why('short'), 'head toy short  hit in the last build\n  its recipe differs from the build before, and the cache knew it from an earlier one\nbecause\n  head toy short  toy.letters: 2 -> 3  toy.yaml:3\n');
});

test('a receipt that the cache has lost', async () => {
  const scene = makeScene();
  await scene.build();
  const { key } = findJob(scene.past().jobs, 'short');
  const emptied = openMemoryStore();
  const build = begin({ store: emptied, executor: inProcess({ store: emptied, tasks }), workspace: scene.workspace });
  await story(build, {});
  await build.close();
  const past = pastAfter(scene.past(), scene.past(), { at: 1, complete: true, ...build.asked() });
  const job = findJob(past.jobs, 'short');
  assert.deepEqual([job.key, job.outcome, job.before, job.since, job.asked], [key, 'built', null, 1, 2]);
  assert.equal(explain(emptied, past, job).recipe, 'same');
});

test('a build that ended early: jobs behind are those of the build before', async () => {
  const scene = makeScene();
  await scene.build();
  await scene.build({ word: 'x', code: { ...plainCode, tasks: { ...plainCode.tasks, head: undefined as never } }, fails: true });
  assert.equal(scene.why('both'), 'join toy both  ran in the last build\nbecause\n  join toy both  word: "+" -> x\n');
  assert.equal(scene.why('last'), 'join toy last  was not asked for in the last build, which did not get that far\n');
  assert.equal(scene.past().complete, false);
});

test('a job that failed: the store never had its recipe, and still it is compared, then and afterwards', async () => {
  const workspace = makeFolder();
  const store = openMemoryStore();
  let past: Past | undefined;
  const why = async (options: { how: 'none' | 'fault'; n: number }): Promise<string> => {
    const build = begin({ store, executor: inProcess({ store, tasks }), workspace });
    const complete = await build.run(trouble, { label: 'toy odd', options }).then(() => true, () => false);
    await build.close();
    past = pastAfter(past, { workspace, goal: 'toy', place: '' }, { at: 0, complete, ...build.asked() });
    writePast(workspace, past);
    past = readPast(workspace, past)!;
    return whyText({ why: explain(store, past, findJob(past.jobs, 'odd')), settingOf: () => undefined, pathOf: (path) => path });
  };
  await why({ how: 'none', n: 1 });
  assert.equal(await why({ how: 'fault', n: 1 }), 'trouble toy odd  failed in the last build\nbecause\n  trouble toy odd  how: none -> fault\n');
  assert.equal(await why({ how: 'fault', n: 2 }), 'trouble toy odd  failed in the last build\nbecause\n  trouble toy odd  n: 1 -> 2\n');
  assert.equal(await why({ how: 'none', n: 2 }), 'trouble toy odd  ran in the last build\nbecause\n  trouble toy odd  how: fault -> none\n');
  assert.equal(Object.keys(past!.recipes).length, 1);
  await why({ how: 'none', n: 3 });
  assert.deepEqual(past!.recipes, {}, 'kept no longer than it is named');
});

test('what is remembered is read back as it was written; a damaged file counts as none', async () => {
  const scene = makeScene();
  await scene.build();
  await scene.build({ letters: 2 });
  const past = scene.past();
  assert.equal(readPast(scene.workspace, past), undefined);
  writePast(scene.workspace, past);
  assert.deepEqual(readPast(scene.workspace, past), past);
  assert.deepEqual(pastsOf(scene.workspace, scene.workspace), [past]);
  assert.deepEqual(pastsOf(scene.workspace, '/elsewhere'), []);
  const [name] = (await import('node:fs')).readdirSync(`${scene.workspace}/v1/jobs`);
  write(`${scene.workspace}/v1/jobs`, { [name!]: 'spoiled\n{}' });
  assert.deepEqual([readPast(scene.workspace, past), pastsOf(scene.workspace, scene.workspace)], [undefined, []]);
});

const jobs = [['tile', 'det p2o.Conv.4'], ['tile', 'det p2o.Conv.40'], ['check', 'det p2o.Conv.4'], ['link', 'det subgraph_npu_0'], ['load', 'det'], ['tile', 'seg@NPU1 a'], ['tile', 'seg@NPU2 a']].map(([task, label]) => ({ task: task!, label: label! }));

const means: readonly (readonly [string, string])[] = [
  ['tile det p2o.Conv.4', 'tile det p2o.Conv.4'],
  ['tile:p2o.Conv.4', 'tile det p2o.Conv.4'],
  ['tile:det p2o.Conv.4', 'tile det p2o.Conv.4'],
  ['tile p2o.Conv.4', 'tile det p2o.Conv.4'],
  ['check:Conv.4', 'check det p2o.Conv.4'],
  ['Conv.40', 'tile det p2o.Conv.40'],
  ['subgraph', 'link det subgraph_npu_0'],
  [' load:det ', 'load det'],
  ['tile:seg@NPU2 a', 'tile seg@NPU2 a'],
  ['seg@NPU1', 'tile seg@NPU1 a'],
];

for (const [words, name] of means) {
  test(`"${words}" means ${name}`, () => {
    const { task, label } = findJob(jobs, words);
    assert.equal(`${task} ${label}`, name);
  });
}

test('a name that several jobs have, or none', () => {
  assert.throws(() => findJob(jobs, 'p2o.Conv.4'), { message: '"p2o.Conv.4" is the name of 2 jobs\n   like  tile det p2o.Conv.4\n   like  check det p2o.Conv.4' });
  assert.throws(() => findJob(jobs, 'tile:p2o.Cnv.40'), { message: 'no job is called "tile:p2o.Cnv.40"\n   try  tile det p2o.Conv.40\n   try  tile det p2o.Conv.4' });
  assert.throws(() => findJob([], 'x'), { message: 'no job is called "x"' });
});
