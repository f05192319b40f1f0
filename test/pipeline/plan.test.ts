// What `plan` foretells, against what a build then does. SEED= repeats a run.
import assert from 'node:assert/strict';
import test from 'node:test';
import { codeDigests, Workspace } from '../rig/workspace.ts';
import { pick, random, seedOf } from '../rig/random.ts';
import type { Fate, Plan } from '../../src/engine/plan.ts';
import { edits } from './edits.ts';
import { plain, put } from './scene.ts';

function makeWorkspace(t: { after(act: () => void): void }): Workspace {
  const workspace = new Workspace();
  t.after(() => workspace.remove());
  put(workspace, plain);
  return workspace;
}

/** Names of jobs by what awaits them. */
function names({ jobs }: Plan, ...fates: Fate[]): string[] {
  return jobs.filter((job) => fates.includes(job.fate)).flatMap(({ task, label, also }) => [label, ...also].map((name) => `${task} ${name}`));
}

test('where nothing changed everything hits, to the last job', async (t) => {
  const workspace = makeWorkspace(t);
  const { tally } = await workspace.build();
  const plan = await workspace.plan();
  assert.deepEqual([names(plan, 'will run', 'may run'), plan.stops], [[], []]);
  assert.equal(plan.jobs.length, Object.values(tally).reduce((sum, counts) => sum + counts.built, 0));
});

test('before the first build the first job will run, and nothing is known of what is behind it', async (t) => {
  const plan = await makeWorkspace(t).plan();
  assert.deepEqual(names(plan, 'will run'), ['scan small']);
  assert.deepEqual([names(plan, 'hit', 'may run'), plan.stops, plan.remembered], [[], ['scan small'], false]);
});

test('a precision edit: resolve will run, what it decides may run, and the float passes hit', async (t) => {
  const workspace = makeWorkspace(t);
  await workspace.build();
  put(workspace, { ...plain, layers: [{ layer_name: 'left_node', data_type: 'U16' }] });
  const plan = await workspace.plan();
  assert.deepEqual(names(plan, 'will run'), ['resolve small']);
  assert.deepEqual(plan.stops, ['resolve small']);
  const may = names(plan, 'may run');
  for (const name of ['tile small left_node', 'values small right_node', 'link small subgraph_npu_0', 'assemble small']) assert.ok(may.includes(name), name);
  const hit = names(plan, 'hit');
  for (const name of ['observe small image_000.npy', 'merge small', 'partition small']) assert.ok(hit.includes(name), name);
});

test('an image more: its pass will run, and what reads the merged sketch may', async (t) => {
  const workspace = makeWorkspace(t);
  await workspace.build();
  put(workspace, { ...plain, images: [0, 1, 2, 3] });
  // The archive itself decides which images there are.
  assert.deepEqual(names(await workspace.plan(), 'will run'), ['unpack small images.tar']);
});

test('the code of a task edited: its jobs will run, and the story goes on behind them by name', async (t) => {
  const workspace = makeWorkspace(t);
  await workspace.build();
  const plan = await workspace.plan({ code: codeDigests(['tile']) });
  assert.deepEqual([...new Set(plan.jobs.filter((job) => job.fate === 'will run').map((job) => job.task))], ['tile']);
  // The figures for build_context.json are read last.
  assert.deepEqual(plan.stops, ['assemble small']);
  const link = plan.jobs.find((job) => job.task === 'link')!;
  assert.equal(link.fate, 'may run');
  assert.ok(link.causes.every((cause) => cause.startsWith('tile small ')) && link.causes.length > 0);
});

const count = process.env['SOAK'] === '1' ? 200 : 40;

test(`after each of ${count} random edits only what was foretold runs`, async (t) => {
  const seed = seedOf();
  t.diagnostic(`SEED=${seed}`);
  const rand = random(seed);
  const workspace = makeWorkspace(t);
  await workspace.build();
  let settings = plain;
  const seen = { will: 0, may: 0, idle: 0, unforeseen: 0 };
  for (let i = 0; i < count; i++) {
    const kind = pick(rand, Object.keys(edits));
    settings = edits[kind]!(settings, rand);
    put(workspace, settings);
    const code = codeDigests(rand() < 0.2 ? [pick(rand, ['tile', 'values', 'kinds/conv', 'merge', 'resolve', 'ops/Conv'])] : []);
    const plan = await workspace.plan({ code });
    const known = new Set(workspace.past!.jobs.map(({ task, label }) => `${task} ${label}`));
    const { events } = await workspace.build({ code });
    const at = `edit ${i} (${kind}), SEED=${seed}`;
    const ran = events.flatMap((event) => (event.event === 'finished' && event.outcome === 'built' ? [`${event.task} ${event.label}`] : []));
    const hit = new Set(events.flatMap((event) => (event.event === 'finished' && event.outcome === 'hit' ? [`${event.task} ${event.label}`] : [])));
    const foretold = new Set(names(plan, 'will run', 'may run'));
    const surprises = ran.filter((name) => !foretold.has(name));
    // New names can come only from behind a stop, which the plan tells of.
    if (plan.stops.length === 0) assert.deepEqual(surprises, [], at);
    assert.deepEqual(surprises.filter((name) => known.has(name)), [], at);
    // What is certain is certain.
    assert.deepEqual(plan.jobs.filter((job) => job.fate === 'will run' && !ran.includes(`${job.task} ${job.label}`)), [], at);
    assert.deepEqual(plan.jobs.filter((job) => job.fate === 'hit' && !hit.has(`${job.task} ${job.label}`)), [], at);
    seen.unforeseen += surprises.length;
    seen.will += names(plan, 'will run').length;
    seen.may += ran.length - names(plan, 'will run').length;
    if (foretold.size === 0) seen.idle++;
    assert.deepEqual(names(await workspace.plan({ code }), 'will run', 'may run'), [], `planned again after ${at}`);
  }
  t.diagnostic(JSON.stringify(seen));
  assert.ok(seen.will > 0 && seen.may > 0);
});
