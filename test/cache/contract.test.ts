// Both stores keep one contract.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { digestOf, type Digest, type Key } from '../../src/base/digest.ts';
import { historyMax, type BuildFacts, type Publication, type Store } from '../../src/engine/store.ts';
import type { Stamp } from '../../src/engine/stamp.ts';

interface Options {
  readonly capBytes?: number;
  readonly now?: () => number;
}

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'axbuild-store-'));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const stores: Readonly<Record<string, (options?: Options) => Promise<Store>>> = {
  memory: async (options) => openMemoryStore(options),
  lmdb: (options) => openLmdbStore({ folder: folder(), ...options }),
};

const key = (name: string): Key => digestOf(name) as string as Key;
const small = utf8('a small blob');
const large = new Uint8Array(200_000).map((_, i) => i * 7);

function publication(name: string, blobs: readonly Uint8Array[] = []): Publication {
  const [bytes = small, ...refs] = blobs;
  const text = { digest: digestOf(bytes), size: bytes.byteLength, refs: refs.map((ref) => digestOf(ref)) };
  return { key: key(name), receipt: { outputs: { text }, log: ['said'], ms: 1.5 }, recipe: `{"task":"${name}"}` };
}

async function kept(store: Store, blobs: readonly Uint8Array[]): Promise<void> {
  await Promise.all(blobs.map((bytes) => store.keep(digestOf(bytes), bytes)));
}

const untouched = { keys: new Set<Key>(), digests: new Set<Digest>() };

for (const [name, open] of Object.entries(stores)) {
  test(`${name}: receipts come back in the order asked for, with their recipes`, async () => {
    const store = await open();
    await store.publish([publication('a'), publication('b')]);
    assert.deepEqual(store.receipts([key('b'), key('c'), key('a')]), [publication('b').receipt, 'missing', publication('a').receipt]);
    assert.equal(store.recipe(key('a')), '{"task":"a"}');
    assert.equal(store.recipe(key('c')), undefined);
    await store.close();
  });

  test(`${name}: blobs of any size come back as they were, in memory of the reader's own`, async () => {
    const store = await open();
    for (const bytes of [new Uint8Array(0), small, new Uint8Array(64 * 1024 - 1).fill(1), new Uint8Array(64 * 1024).fill(2), large]) {
      const digest = digestOf(bytes);
      assert.equal(store.blob(digest), 'missing');
      assert.equal(store.has(digest), false);
      await store.keep(digest, bytes);
      assert.equal(store.has(digest), true);
      const read = store.blob(digest);
      assert.ok(read instanceof Uint8Array && !Buffer.isBuffer(read));
      assert.deepEqual(read, bytes);
      read.fill(9);
      assert.deepEqual(store.blob(digest), bytes);
    }
    await store.close();
  });

  test(`${name}: what is kept is what the bytes were at the call`, async () => {
    const store = await open();
    for (const bytes of [small.slice(), large.slice()]) {
      const digest = digestOf(bytes);
      const before = bytes.slice();
      const done = store.keep(digest, bytes);
      bytes.fill(0);
      await done;
      assert.deepEqual(store.blob(digest), before);
    }
    await store.close();
  });

  test(`${name}: a name that is no digest is a bug, and harms nothing`, async () => {
    const store = await open();
    const wrong = '../escape' as Digest;
    assert.throws(() => store.blob(wrong), { message: 'BUG: "../escape" is no digest' });
    await assert.rejects(async () => store.keep(wrong, small), { message: 'BUG: "../escape" is no digest' });
    assert.throws(() => store.receipts(['x'.repeat(3000) as Key]), /^Error: BUG: "x+" is no digest$/);
    await store.close();
  });

  test(`${name}: stamps are kept by path, however long`, async () => {
    const store = await open();
    const path = `/${'long/'.repeat(700)}name`;
    assert.equal(store.stamped(path), undefined);
    const stamped = { stamp: '1 2 3 4' as Stamp, digest: digestOf('x') };
    await store.stamp(path, stamped);
    assert.deepEqual(store.stamped(path), stamped);
    await store.close();
  });

  test(`${name}: the history is newest first; a label remembers its last two keys and what it took`, async () => {
    const store = await open();
    const record = (at: number): BuildFacts => ({ at, seconds: 1, workspace: '/w', command: ['build'], goals: [], tasks: {}, savedMs: 0, jobs: [] });
    const job = (text: string, outcome: 'built' | 'hit', ms: number) => ({ task: 'tile', label: 'x', key: key(text), outcome, ms }) as const;
    await store.record(record(1), [job('a', 'built', 50)]);
    await store.record(record(2), [job('a', 'hit', 0)]);
    assert.deepEqual(store.lastRun({ task: 'tile', label: 'x' }), { key: key('a'), ms: 50 });
    await store.record(record(3), [job('b', 'built', 70)]);
    await store.record(record(4), [job('b', 'hit', 0)]);
    assert.deepEqual(store.lastRun({ task: 'tile', label: 'x' }), { key: key('b'), before: key('a'), ms: 70 });
    assert.equal(store.lastRun({ task: 'tile', label: 'y' }), undefined);
    assert.deepEqual(store.history(2), [{ number: 4, ...record(4) }, { number: 3, ...record(3) }]);
    assert.equal(store.history().length, 4);
    const behind = async (at: number, pathMs?: number): Promise<number | undefined> => {
      await store.record(record(at), [{ ...job('b', 'hit', 0), ...(pathMs !== undefined && { pathMs }) }]);
      return store.lastRun({ task: 'tile', label: 'x' })?.pathMs;
    };
    assert.deepEqual([await behind(5), await behind(6, 1000), await behind(7, 1100), await behind(8), await behind(9, 2000)], [undefined, 1000, 1000, 1000, 2000]);
    await store.close();
  });

  test(`${name}: each build gets a number of its own, in whatever order they end; the oldest are forgotten`, async () => {
    const store = await open();
    const build: BuildFacts = { at: 1, seconds: 1, workspace: '/w', command: [], goals: [], tasks: {}, savedMs: 0, jobs: [] };
    await Promise.all(Array.from({ length: historyMax + 5 }, () => store.record(build, [])));
    assert.deepEqual(store.history().map(({ number }) => number), Array.from({ length: historyMax }, (_, i) => historyMax + 5 - i));
    await store.close();
  });

  test(`${name}: under the cap nothing goes`, async () => {
    const store = await open({ capBytes: 1e6 });
    await kept(store, [small, large]);
    await store.publish([publication('a', [small, large])]);
    const swept = await store.sweep(untouched);
    assert.equal(swept.receipts + swept.blobs, 0);
    assert.notEqual(store.blob(digestOf(large)), 'missing');
    await store.close();
  });

  test(`${name}: over the cap the least recently used goes, with the blobs that nothing else needs`, async () => {
    let now = 1_000_000_000;
    const store = await open({ capBytes: 505_000, now: () => now });
    const [a, b, c, shared] = [1, 2, 3, 4].map((n) => new Uint8Array(150_000).fill(n)) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    for (const [text, blob] of [['a', a], ['b', b], ['c', c]] as const) {
      await kept(store, [blob, shared]);
      await store.publish([publication(text, [blob, shared])]);
      now += 3_600_000;
    }
    store.receipts([key('a')]); // used again: b is now the oldest
    const swept = await store.sweep(untouched);
    assert.deepEqual([swept.receipts, swept.blobs], [1, 1]);
    assert.ok(swept.keptBytes <= swept.capBytes);
    assert.deepEqual(store.receipts([key('a'), key('b'), key('c')]).map((receipt) => typeof receipt), ['object', 'string', 'object']);
    assert.deepEqual([a, b, c, shared].map((blob) => store.has(digestOf(blob))), [true, false, true, true]);
    await store.close();
  });

  test(`${name}: what the running build touched stays, even over the cap`, async () => {
    let now = 1_000_000_000;
    const store = await open({ capBytes: 100_000, now: () => now });
    await kept(store, [large, small]);
    await store.publish([publication('a', [large])]);
    now += 3_600_000;
    const swept = await store.sweep({ keys: new Set([key('a')]), digests: new Set([digestOf(large), digestOf(small)]) });
    assert.equal(swept.receipts + swept.blobs, 0);
    assert.ok(swept.keptBytes > swept.capBytes);
    await store.close();
  });

  test(`${name}: blobs without a receipt age like the others`, async () => {
    let now = 1_000_000_000;
    const store = await open({ capBytes: 300_000, now: () => now });
    const orphan = new Uint8Array(150_000).fill(8);
    await kept(store, [orphan]);
    now += 3_600_000;
    await kept(store, [large]);
    await store.publish([publication('a', [large])]);
    now += 3_600_000;
    await store.sweep(untouched);
    assert.deepEqual([store.has(digestOf(orphan)), store.has(digestOf(large))], [false, true]);
    await store.close();
  });
}

test('lmdb: everything is there after it was closed and opened again', async () => {
  const path = folder();
  const first = await openLmdbStore({ folder: path });
  await kept(first, [small, large]);
  await first.publish([publication('a', [small, large])]);
  await first.close();
  const second = await openLmdbStore({ folder: path });
  assert.deepEqual(second.receipts([key('a')]), [publication('a', [small, large]).receipt]);
  assert.deepEqual([second.blob(digestOf(small)), second.blob(digestOf(large))], [small, large]);
  await second.close();
});

test('lmdb: closing waits for writes that nobody awaited', async () => {
  const path = folder();
  const first = await openLmdbStore({ folder: path });
  const blobs = Array.from({ length: 200 }, (_, n) => utf8(`blob ${n}`));
  void kept(first, blobs);
  await first.close();
  const second = await openLmdbStore({ folder: path });
  assert.deepEqual(blobs.filter((bytes) => !second.has(digestOf(bytes))), []);
  await second.close();
});

test('lmdb: a flipped bit, a cut and a deleted file are noticed on the read; overwriting repairs them', async () => {
  const path = folder();
  const store = await openLmdbStore({ folder: path });
  const digest = digestOf(large);
  await store.keep(digest, large);
  const file = join(path, 'v1/blobs', digest.slice(0, 2), digest);
  const flipped = large.slice();
  flipped[77]! ^= 16;
  for (const [spoil, found] of [
    [() => writeFileSync(file, flipped), 'corrupt'],
    [() => writeFileSync(file, large.subarray(1)), 'corrupt'],
    [() => rmSync(file), 'missing'],
  ] as const) {
    spoil();
    assert.equal(store.blob(digest), found);
    await store.keep(digest, large, 'overwrite');
    assert.deepEqual(store.blob(digest), large);
  }
  await store.close();
});

test('lmdb: a flipped bit inside the database is noticed too', async () => {
  const path = folder();
  const first = await openLmdbStore({ folder: path });
  const text = `a blob that is easy to find ${'.'.repeat(300)}`;
  await kept(first, [utf8(text)]);
  const found = { ...publication('findable'), recipe: '{"task":"a recipe that is easy to find"}' };
  await first.publish([found]);
  await first.close();
  const file = join(path, 'v1/db/data.mdb');
  const bytes = readFileSync(file);
  for (const words of ['a blob that is easy', 'a recipe that is easy']) {
    for (let at = bytes.indexOf(words); at >= 0; at = bytes.indexOf(words, at + 1)) bytes[at]! ^= 1;
  }
  writeFileSync(file, bytes);
  const second = await openLmdbStore({ folder: path });
  assert.equal(second.blob(digestOf(text)), 'corrupt');
  assert.deepEqual(second.receipts([found.key]), ['corrupt']);
  await second.close();
});

test('lmdb: temporary files of dead processes go when a build opens the cache; those of live ones stay', async () => {
  const path = folder();
  const first = await openLmdbStore({ folder: path });
  await kept(first, [large]);
  const temporary = join(path, 'v1/tmp');
  const [running] = readdirSync(join(path, 'v1/running')) as [string];
  const mine = running.replace(/-\d+\.tmp$/, '-999.tmp');
  const dead = mine.replace(`-${process.pid}-`, '-4194399-'); // above the largest process id of Linux
  for (const name of [mine, dead]) writeFileSync(join(temporary, name), 'half');
  const worker = await openLmdbStore({ folder: path, role: 'worker' });
  assert.deepEqual(readdirSync(temporary).sort(), [mine, dead].sort());
  await worker.close();
  const second = await openLmdbStore({ folder: path });
  assert.deepEqual(readdirSync(temporary), [mine]);
  await second.close();
  await first.close();
  assert.deepEqual(readdirSync(join(path, 'v1/running')), []);
});

test('lmdb: what a build that still runs may have used is not swept by another', async () => {
  const path = folder();
  const minutes = 60_000;
  const running = await openLmdbStore({ folder: path, now: () => Date.now() - 30 * minutes });
  const [mark] = readdirSync(join(path, 'v1/running')) as [string];
  const hourAgo = new Date(Date.now() - 60 * minutes);
  utimesSync(join(path, 'v1/running', mark), hourAgo, hourAgo);
  await kept(running, [large]);
  await running.publish([publication('a', [large])]);
  const other = await openLmdbStore({ folder: path, capBytes: 1000 });
  assert.equal((await other.sweep(untouched)).receipts, 0, 'it began an hour ago, and used this since');
  await running.close();
  assert.equal((await other.sweep(untouched)).receipts, 1, 'it has ended');
  await other.close();
});

test('lmdb: a cache folder that cannot be made is a fault of the command', async () => {
  const path = folder();
  writeFileSync(join(path, 'file'), '');
  await assert.rejects(openLmdbStore({ folder: join(path, 'file') }), {
    message: `${path}/file/v1  the cache cannot be opened\n   because  ENOTDIR: not a directory, mkdir '${path}/file/v1'\n   try      another folder: --cache DIR`,
    exit: 2,
  });
});

test('what an interrupted build still asks while the store closes is not found, and ends nothing', async () => {
  const store = await openLmdbStore({ folder: folder() });
  const bytes = utf8('kept');
  await store.keep(digestOf(bytes), bytes);
  assert.deepEqual(store.blob(digestOf(bytes)), new Uint8Array(bytes));
  const closing = store.close();
  assert.equal(store.blob(digestOf(bytes)), 'missing');
  await closing;
  assert.equal(store.blob(digestOf(bytes)), 'missing');
  // A reading view that outlived the close would throw in a timer: here, and count as a failure of this test.
  await new Promise((done) => setTimeout(done, 5));
});
