// The goal record and the files it answers for.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import test from 'node:test';
import { utf8 } from '../../src/base/bytes.ts';
import { digestOf } from '../../src/base/digest.ts';
import { changeOf, goalPath, isUnchanged, readGoal, writeGoal, type Circumstances, type GoalRecord } from '../../src/engine/goal.ts';
import { checkWritable, publishOutputs, type OutputFile } from '../../src/engine/outputs.ts';
import { absent, stampOf } from '../../src/engine/stamp.ts';
import { makeFolder, write } from './rig.ts';

const now: Circumstances = { code: digestOf('code'), versions: { node: 'v20', 'onnxruntime-node': '1.30.0' }, command: ['build', 'det'], environment: { CI: '' } };

function makeScene(texts: Readonly<Record<string, string>>) {
  const folder = makeFolder();
  const contents = new Map(Object.values(texts).map((text) => [digestOf(text) as string, utf8(text)]));
  const outputs = Object.entries(texts).map(([name, text]): OutputFile => ({ path: path(folder, name), artifact: { digest: digestOf(text), size: text.length } }));
  const read = async ({ digest }: { digest: string }): Promise<Uint8Array> => contents.get(digest)!;
  const text = (name: string): string => readFileSync(path(folder, name), 'utf8');
  return { folder, outputs, read, text };
}

async function makeRecord(scene: ReturnType<typeof makeScene>): Promise<GoalRecord> {
  write(scene.folder, { source: 'a' });
  const { record } = await publishOutputs(scene);
  return { goal: 'det', ...now, sources: { [path(scene.folder, 'source')]: stampOf(path(scene.folder, 'source')), [path(scene.folder, 'none')]: absent }, outputs: record! };
}

test('a record comes back as it was written; a torn one counts as none', async () => {
  const scene = makeScene({ out: 'bytes' });
  const record = await makeRecord(scene);
  const file = goalPath({ cache: scene.folder, workspace: '/w', goal: 'det' });
  assert.equal(readGoal(file), undefined);
  writeGoal(file, record);
  assert.deepEqual(readGoal(file), record);
  assert.deepEqual(readdirSync(path(file, '..')).length, 1);
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, -2));
  assert.equal(readGoal(file), undefined);
  writeFileSync(file, '');
  assert.equal(readGoal(file), undefined);
});

test('each thing that decides a goal is seen to change', async () => {
  const scene = makeScene({ out: 'bytes' });
  const record = await makeRecord(scene);
  assert.equal(changeOf(record, now), undefined);
  assert.ok(isUnchanged(record, now));
  assert.equal(changeOf(record, { ...now, code: digestOf('other') }), "axbuild's own code");
  assert.equal(changeOf(record, { ...now, versions: { ...now.versions, node: 'v22' } }), 'version of node');
  assert.equal(changeOf(record, { ...now, command: ['build'] }), 'command line');
  assert.equal(changeOf(record, { ...now, environment: { CI: '1' } }), 'environment variable CI');
  const source = path(scene.folder, 'source');
  const changes: readonly (readonly [string, () => void])[] = [
    [source, () => writeFileSync(source, 'b')],
    [source, () => rmSync(source)],
    [source, () => utimesSync(source, 1, 1)],
    [path(scene.folder, 'none'), () => writeFileSync(path(scene.folder, 'none'), '')],
    [path(scene.folder, 'out'), () => writeFileSync(path(scene.folder, 'out'), 'BYTES')],
    [path(scene.folder, 'out'), () => rmSync(path(scene.folder, 'out'))],
  ];
  for (const [changed, change] of changes) {
    rmSync(path(scene.folder, 'none'), { force: true });
    const before = await makeRecord(scene);
    assert.equal(changeOf(before, now), undefined);
    change();
    assert.equal(changeOf(before, now), changed);
  }
});

test('deleted and edited outputs are restored; those in place are left alone', async () => {
  const scene = makeScene({ a: 'first', b: 'second', 'deep/er/c': 'third' });
  const first = await publishOutputs(scene);
  assert.deepEqual(first.written.map((file) => file.slice(scene.folder.length + 1)), ['a', 'b', 'deep/er/c']);
  const stamp = stampOf(path(scene.folder, 'b'));
  rmSync(path(scene.folder, 'a'));
  writeFileSync(path(scene.folder, 'deep/er/c'), 'edits');
  const second = await publishOutputs({ ...scene, previous: first.record! });
  assert.deepEqual(second.written.map((file) => file.slice(scene.folder.length + 1)), ['a', 'deep/er/c']);
  assert.deepEqual([scene.text('a'), scene.text('b'), scene.text('deep/er/c')], ['first', 'second', 'third']);
  assert.equal(stampOf(path(scene.folder, 'b')), stamp);
});

test('without a record, the content decides', async () => {
  const scene = makeScene({ a: 'first', b: 'second' });
  write(scene.folder, { a: 'first', b: 'SECOND' });
  const { written } = await publishOutputs(scene);
  assert.deepEqual(written, [path(scene.folder, 'b')]);
});

test('what is no longer an output goes, unless it is not ours any more', async () => {
  const scene = makeScene({ a: 'first', b: 'second', c: 'third' });
  write(scene.folder, { bystander: 'mine' });
  const first = await publishOutputs(scene);
  writeFileSync(path(scene.folder, 'c'), 'notes of mine');
  const second = await publishOutputs({ ...scene, outputs: scene.outputs.slice(0, 1), previous: first.record! });
  assert.deepEqual(second.removed, [path(scene.folder, 'b')]);
  assert.deepEqual(readdirSync(scene.folder).sort(), ['a', 'bystander', 'c']);
});

test('when one output cannot be made, none is touched and nothing is left behind', async () => {
  const scene = makeScene({ a: 'first', b: 'second' });
  write(scene.folder, { a: 'old a', b: 'old b' });
  const read = async (artifact: OutputFile['artifact']): Promise<Uint8Array> => {
    if (artifact.digest === digestOf('second')) throw new Error('lost');
    return scene.read(artifact);
  };
  await assert.rejects(publishOutputs({ ...scene, read }), { message: 'lost' });
  assert.deepEqual([scene.text('a'), scene.text('b')], ['old a', 'old b']);
  assert.deepEqual(readdirSync(scene.folder).sort(), ['a', 'b']);
});

test('whoever asks for the outputs may still say no when all are ready', async () => {
  const scene = makeScene({ a: 'first', b: 'second' });
  write(scene.folder, { a: 'old a', b: 'old b' });
  const confirm = (): void => {
    assert.equal(readdirSync(scene.folder).length, 4, 'both lie beside their places');
    throw new Error('another build took over');
  };
  await assert.rejects(publishOutputs({ ...scene, confirm }), { message: 'another build took over' });
  assert.deepEqual([scene.text('a'), scene.text('b')], ['old a', 'old b']);
  assert.deepEqual(readdirSync(scene.folder).sort(), ['a', 'b']);
});

test('an output that cannot be written is a fault before anything is done', () => {
  const folder = makeFolder();
  write(folder, { file: '' });
  mkdirSync(path(folder, 'taken'));
  checkWritable([path(folder, 'new/deep/out'), path(folder, 'file')]);
  assert.deepEqual(readdirSync(folder).sort(), ['file', 'taken']);
  assert.throws(() => checkWritable([path(folder, 'file/out')]), {
    message: `${folder}/file/out  this output cannot be written\n   because  ${folder}/file is no folder`,
    exit: 2,
  });
  assert.throws(() => checkWritable([path(folder, 'taken'), path(folder, 'file/x/y')]), {
    message: `${folder}/taken  this output cannot be written\n   because  there is a folder of that name\n${folder}/file/x/y  this output cannot be written\n   because  ${folder}/file is no folder`,
  });
});

test('a folder without permission is named', { skip: process.getuid?.() === 0 ? 'root may write everywhere' : false }, () => {
  const folder = makeFolder();
  mkdirSync(path(folder, 'locked'), { mode: 0o500 });
  assert.throws(() => checkWritable([path(folder, 'locked/out')]), {
    message: `${folder}/locked/out  this output cannot be written\n   because  no permission to write in ${folder}/locked`,
  });
});

test('published files have the rights of any new file', async () => {
  const scene = makeScene({ a: 'first' });
  write(scene.folder, { plain: '' });
  await publishOutputs(scene);
  assert.equal(statSync(path(scene.folder, 'a')).mode, statSync(path(scene.folder, 'plain')).mode);
});
