// Files outside the store: when a stamp is enough, and when the content must be looked at.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join as path } from 'node:path';
import test from 'node:test';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { digestOf } from '../../src/base/digest.ts';
import { Sources } from '../../src/engine/sources.ts';
import { absent, racyFor, stampOf, type Stamp } from '../../src/engine/stamp.ts';
import { makeFolder, write } from './rig.ts';

function makeScene(text: string) {
  const workspace = makeFolder();
  write(workspace, { a: text });
  const file = path(workspace, 'a');
  const store = openMemoryStore();
  const later = (ms: number) => () => statSync(file).ctimeMs + ms;
  const look = async (ms: number): Promise<string> => (await new Sources({ store, workspace, now: later(ms) }).open('a')).artifact.digest;
  return { workspace, file, store, look, sources: (ms: number) => new Sources({ store, workspace, now: later(ms) }) };
}

test('a stamp that can be trusted spares the reading', async () => {
  const scene = makeScene('one');
  await scene.look(1000);
  assert.deepEqual(scene.store.stamped(scene.file), { stamp: stampOf(scene.file), digest: digestOf('one') });
  scene.store.spoil(digestOf('one'), 'missing');
  assert.equal(await scene.look(1000), digestOf('one'));
  assert.equal(scene.store.blob(digestOf('one')), 'missing', 'the file was not read again');
});

test('a file that changed within a tick of the look is not trusted', async () => {
  const scene = makeScene('one');
  await scene.look(5);
  assert.equal(scene.store.stamped(scene.file), undefined);
  assert.equal(racyFor('3 0 1000000000000500000 7' as Stamp, 1_000_000_000_000 + 5), 16);
  assert.equal(racyFor('3 0 1000000000000000000 7' as Stamp, 1_000_000_000_000 + 5), 1995, 'a clock of whole seconds ticks slowly');
  assert.equal(racyFor('3 9999999999999999999 1000000000000500000 7' as Stamp, 1_000_000_000_000 + 50), 0, 'a mtime in the future says nothing');
  assert.equal(racyFor(absent, 0), 0);
});

test('an edit is seen, whatever it does to the stamp', async () => {
  const scene = makeScene('one');
  await scene.look(1000);
  const edits: readonly (readonly [string, () => void])[] = [
    ['two', () => write(scene.workspace, { a: 'two' })],
    ['six', () => {
      const { atime, mtime } = statSync(scene.file);
      write(scene.workspace, { a: 'six' });
      utimesSync(scene.file, atime, mtime); // as it was: the ctime tells
    }],
    ['old', () => {
      write(scene.workspace, { b: 'old' });
      utimesSync(path(scene.workspace, 'b'), 1, 1); // an older file put in its place
      renameSync(path(scene.workspace, 'b'), scene.file);
    }],
  ];
  for (const [text, edit] of edits) {
    edit();
    assert.equal(await scene.look(1000), digestOf(text));
  }
});

test('one build sees one content, and knows that it moved', async () => {
  const scene = makeScene('one');
  const sources = scene.sources(1000);
  await sources.open('a');
  assert.deepEqual(sources.moved([scene.file]), []);
  utimesSync(scene.file, 5, 5);
  assert.deepEqual(sources.moved([scene.file]), [], 'only touched');
  write(scene.workspace, { a: 'two' });
  assert.equal((await sources.open('a')).artifact.digest, digestOf('one'));
  assert.deepEqual(sources.moved([scene.file]), [scene.file]);
  assert.equal(await sources.refill(scene.file, digestOf('one')), false);
  assert.equal(await sources.settled(new Set([scene.file])), undefined);
});

test('settled: fresh files are looked at once more when their tick is over', async () => {
  const scene = makeScene('one');
  const sources = new Sources({ store: scene.store, workspace: scene.workspace });
  await sources.open('a');
  assert.deepEqual(await sources.settled(new Set([scene.file])), { [scene.file]: stampOf(scene.file) });
  assert.equal(scene.store.stamped(scene.file)?.digest, digestOf('one'));
});

test('a folder and a dangling link are faults that say so', async () => {
  const scene = makeScene('one');
  mkdirSync(path(scene.workspace, 'folder'));
  symlinkSync('nowhere', path(scene.workspace, 'link'));
  const sources = scene.sources(1000);
  await assert.rejects(sources.open('folder'), { message: 'folder  the file cannot be read\n   error  EISDIR: illegal operation on a directory, read', exit: 2 });
  await assert.rejects(sources.open('link'), { message: 'link  no such file', exit: 2 });
});
