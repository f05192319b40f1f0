// Who read whose output, from what is remembered of a goal's last build.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { inProcess } from '../../src/engine/executor.ts';
import { lineageOf, type Lineage } from '../../src/engine/lineage.ts';
import { pastAfter } from '../../src/engine/past.ts';
import { begin, makeFolder, one, write, type Scene } from './rig.ts';
import { head, join, lines, pick, tasks, trouble } from './toy-tasks.ts';

async function lineage(story: (build: Scene) => Promise<unknown>): Promise<Lineage> {
  const workspace = makeFolder();
  write(workspace, { a: 'one\ntwo' });
  const store = openMemoryStore();
  const build = begin({ store, executor: inProcess({ store, tasks }), workspace });
  const complete = await story(build).then(() => true, () => false);
  await build.close();
  return lineageOf(store, pastAfter(undefined, { workspace, goal: 'toy', place: '' }, { at: 0, complete, ...build.asked() }));
}

/** 'a -> both (from)' */
function readings({ jobs, readings: all }: Lineage): string[] {
  return all.map(({ from, to, input }) => `${from.kind === 'job' ? jobs[from.index]!.label : from.path.split('/').at(-1)} -> ${jobs[to]!.label} (${input})`);
}

// What is picked are the bytes of a blob that the index refers to: whoever was first made them.
test('files, jobs, and blobs that an artifact refers to', async () => {
  const found = await lineage(async (build) => {
    const a = await build.source('a');
    const index = await build.run(lines, { label: 'index', inputs: { text: a } });
    const second = await build.run(join, { label: 'second', inputs: { from: [one(await build.run(pick, { label: 'picked', options: { line: 1 }, inputs: { index: one(index, 'index') } }))] } });
    const { refs: [first] } = one(index, 'index');
    const short = await build.run(head, { label: 'short', options: { letters: 2 }, inputs: { text: { digest: first!, size: 3, refs: [] } } });
    await build.run(join, { label: 'all', inputs: { from: [one(second), one(short), a] } });
    await build.run(join, { label: 'again', inputs: { from: [one(second), one(short), a] } });
  });
  assert.deepEqual(readings(found), ['a -> index (text)', 'index -> picked (index)', 'index -> second (from)', 'index -> short (text)', 'a -> all (from)', 'second -> all (from)', 'short -> all (from)']);
  assert.deepEqual(found.jobs.map(({ task, label, also, outcome, ms }) => [task, label, also.join(), outcome, ms !== undefined]), [
    ['lines', 'index', '', 'built', true], ['pick', 'picked', '', 'built', true], ['join', 'second', '', 'built', true], ['head', 'short', '', 'built', true], ['join', 'all', 'again', 'built', true],
  ]);
});

test('of several jobs that made the same bytes the one that made the rest of the input counts, then the one of the same name', async () => {
  const found = await lineage(async (build) => {
    const a = await build.source('a');
    const long = await build.run(join, { label: 'other', options: { word: '+' }, inputs: { from: [a] } });
    // Both take the letters "(o".
    const x = await build.run(head, { label: 'x', options: { letters: 2 }, inputs: { text: one(long) } });
    const y = await build.run(head, { label: 'y', options: { letters: 2 }, inputs: { text: one(await build.run(join, { label: 'y', options: { word: '-', bytes: 20 }, inputs: { from: [a] } })) } });
    assert.equal(one(x).digest, one(y).digest);
    await build.run(join, { label: 'y', options: { word: '*' }, inputs: { from: [one(y)] } });
    await build.run(join, { label: 'z', options: { word: '/' }, inputs: { from: [one(y)] } });
  });
  assert.deepEqual(readings(found).slice(-2), ['y -> y (from)', 'x -> z (from)']);
});

test('a job that failed is there with what it read', async () => {
  const found = await lineage(async (build) => {
    const first = await build.run(join, { label: 'first', inputs: { from: [await build.source('a')] } });
    await build.run(trouble, { label: 'odd', options: { how: 'fault' }, inputs: { from: one(first) } });
  });
  assert.deepEqual(readings(found), ['a -> first (from)', 'first -> odd (from)']);
  assert.deepEqual(found.jobs.map(({ outcome }) => outcome), ['built', 'failed']);
});
