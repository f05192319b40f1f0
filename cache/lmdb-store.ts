// The store on disk, shared by processes: LMDB for receipts, small blobs, stamps and history; files for large blobs.
// Every receipt and every blob has an xxHash64 beside it, checked on each read.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import xxhash from 'xxhash-wasm';
import { digestOf, type Digest, type Key } from '../src/base/digest.ts';
import { historyMax, type BuildRecord, type LastRun, type Receipt, type Stamped, type Store } from '../src/engine/store.ts';
import { cacheFault, fileBytesMin, openBlobFiles, type BlobFiles } from './blobs.ts';
import { checked, digestsOf, labelKey, nextLastRun } from './entries.ts';
import { readJson, readMeta, readReceipt, readRecipe, readTime, writeJson, writeMeta, writeReceipt, writeTime } from './forms.ts';
import { enter, type Presence } from './presence.ts';
import { planSweep, type Shelf } from './sweep.ts';

export interface LmdbStoreOptions {
  readonly folder: string;
  /** 'worker' neither counts as a running build nor clears up: the build that started it does. */
  readonly role?: 'build' | 'worker';
  readonly capBytes?: number;
  readonly now?: () => number;
}

export const defaultCapBytes = 10 * 2 ** 30;

// A change of the entries' form gets a folder of its own, so that two versions of axbuild never read each other's.
export const format = 'v1';
// A use is written at most this often: a look-up that hits should not cost a write.
const useGrainMs = 10 * 60_000;

export async function openLmdbStore({ folder, role = 'build', capBytes = defaultCapBytes, now = Date.now }: LmdbStoreOptions): Promise<Store> {
  const home = join(folder, format);
  const { root, files, presence } = openHome(home, role);
  // A build that was interrupted may still ask while the store closes. It finds nothing: a read would leave lmdb a timer that throws after the close.
  let closing = false;
  const table = (name: string): Database<Buffer, string> => {
    const db = root.openDB<Buffer, string>(name, { encoding: 'binary' });
    const read = db.getBinary.bind(db);
    db.getBinary = (key) => (closing ? undefined : read(key));
    return db;
  };
  const receipts = table('receipts');
  const uses = table('uses');
  const metas = table('blobs');
  const small = table('bytes');
  const stamps = table('stamps');
  const lastRuns = table('labels');
  const builds = table('history');
  const { h64Raw, create64 } = await xxhash();

  // lmdb crashes when it is closed before a write has ended, or after one was refused.
  const writing = new Set<Promise<unknown>>();
  let refused = false;
  const written = async (put: Promise<unknown>): Promise<void> => {
    writing.add(put);
    try {
      await put;
    } catch (error) {
      refused = true;
      throw cacheFault('written', folder, error);
    } finally {
      writing.delete(put);
    }
  };
  // All or nothing, in one transaction.
  const together = (writes: () => void): Promise<void> => written(root.batch(writes));
  // A read may still see the state before another process's last commit: what isn't there is looked for twice.
  const get = (db: Database<Buffer, string>, key: string): Buffer | undefined => {
    const found = db.getBinary(key);
    if (found !== undefined) return found;
    root.resetReadTxn();
    return db.getBinary(key);
  };
  const hash = (bytes: Uint8Array): bigint => {
    // In one go a large blob would be copied whole into the hash's memory.
    if (bytes.byteLength <= 1 << 20) return h64Raw(bytes);
    const state = create64();
    for (let at = 0; at < bytes.byteLength; at += 1 << 20) state.update(bytes.subarray(at, at + (1 << 20)));
    return state.digest();
  };
  const touch = (key: Key): void => {
    const used = readTime(uses.getBinary(key));
    if (now() - used > useGrainMs) written(uses.put(key, writeTime(now()))).catch(metAtClose);
  };

  return {
    receipts: (keys) => {
      let renewed = false;
      return keys.map((key) => {
        let bytes = receipts.getBinary(checked(key));
        if (bytes === undefined && !renewed) {
          root.resetReadTxn(); // once: the first that isn't there asks for the newest state
          renewed = true;
          bytes = receipts.getBinary(key);
        }
        const receipt = readReceipt(bytes, h64Raw);
        if (typeof receipt !== 'string') touch(key);
        return receipt;
      });
    },
    recipe: (key) => readRecipe(get(receipts, checked(key)), h64Raw),
    async publish(publications) {
      const entries = publications.map((publication) => ({ key: checked(publication.key), bytes: writeReceipt(publication, h64Raw) }));
      await together(() => {
        for (const { key, bytes } of entries) {
          receipts.put(key, bytes);
          uses.put(key, writeTime(now()));
        }
      });
    },
    blob(digest) {
      const meta = readMeta(get(metas, checked(digest)));
      if (meta === undefined) return 'missing';
      const bytes = meta.size < fileBytesMin ? ownBytes(small.getBinary(digest)) : files.read(digest);
      if (bytes === undefined) return 'missing';
      return bytes.byteLength === meta.size && hash(bytes) === meta.hash ? bytes : 'corrupt';
    },
    has(digest) {
      const meta = readMeta(get(metas, checked(digest)));
      return meta !== undefined && (meta.size < fileBytesMin || files.sizeOf(digest) === meta.size);
    },
    async keep(digest, bytes, mode) {
      const known = readMeta(metas.getBinary(checked(digest)));
      const size = bytes.byteLength;
      const present = known?.size === size && (size < fileBytesMin || files.sizeOf(digest) === size);
      if (present && mode !== 'overwrite') {
        if (now() - known.at > useGrainMs) await written(metas.put(digest, writeMeta({ ...known, at: now() })));
        return;
      }
      const meta = writeMeta({ hash: hash(bytes), at: now(), size });
      if (size < fileBytesMin) {
        const copy = Buffer.from(bytes); // the write happens later
        await together(() => {
          small.put(digest, copy);
          metas.put(digest, meta);
        });
      } else {
        await written(files.write(digest, bytes));
        await written(metas.put(digest, meta));
      }
    },
    stamped: (path) => readJson<Stamped>(stamps.getBinary(digestOf(path))),
    stamp: (path, stamped) => written(stamps.put(digestOf(path), writeJson(stamped))),
    lastRun: (job) => readJson<LastRun>(lastRuns.getBinary(labelKey(job))),
    history: (count = historyMax) => [...builds.getRange({ reverse: true, limit: count })].map(({ value }) => readJson<BuildRecord>(value)!),
    record(build, jobs) {
      const changed = jobs.flatMap((job): [string, LastRun][] => {
        const name = labelKey(job);
        const last = readJson<LastRun>(lastRuns.getBinary(name));
        const next = nextLastRun(last, job);
        return next === last ? [] : [[name, next]];
      });
      // Reads in here see what other processes have committed: no two builds get one number.
      return written(root.transaction(() => {
        const [last] = builds.getKeys({ reverse: true, limit: 1 });
        const number = Number(last ?? 0) + 1;
        builds.put(String(number).padStart(12, '0'), writeJson({ number, ...build }));
        for (const [name, next] of changed) lastRuns.put(name, writeJson(next));
        for (const key of [...builds.getKeys({ reverse: true, offset: historyMax })]) builds.remove(key);
      }));
    },
    async sweep(touched) {
      await Promise.allSettled(writing); // uses noted a moment ago count
      root.resetReadTxn();
      const shelf: Shelf = {
        receipts: [...receipts.getRange()].map(({ key, value }) => ({
          key: key as Key, // what was put under
          used: readTime(uses.getBinary(key)),
          digests: digestsOf(receiptIn(value)),
          bytes: value.byteLength,
        })),
        blobs: [...metas.getRange()].map(({ key, value }) => ({ digest: key as Digest, at: readMeta(value)!.at, bytes: readMeta(value)!.size })),
      };
      const protectedSince = (presence?.oldestStart() ?? 0) - useGrainMs;
      const plan = planSweep(shelf, { capBytes, touched, protectedSince });
      await together(() => {
        for (const key of plan.keys) {
          receipts.remove(key);
          uses.remove(key);
        }
        for (const digest of plan.digests) {
          metas.remove(digest);
          small.remove(digest);
        }
      });
      for (const digest of plan.digests) files.remove(digest);
      return plan.swept;
    },
    async close() {
      closing = true;
      await Promise.allSettled(writing);
      root.resetReadTxn(); // now, and not by that timer
      if (!refused) await root.close();
      presence?.leave();
    },
  };

  function receiptIn(value: Buffer): Receipt {
    const receipt = readReceipt(value, h64Raw);
    return typeof receipt === 'string' ? { outputs: {}, log: [], ms: 0 } : receipt;
  }
}

function openHome(home: string, role: 'build' | 'worker'): { root: RootDatabase<Buffer, string>; files: BlobFiles; presence: Presence | undefined } {
  try {
    mkdirSync(home, { recursive: true });
    const presence = role === 'build' ? enter(home) : undefined;
    const files = openBlobFiles(home);
    if (role === 'build') files.removeLeftOvers();
    return { root: open<Buffer, string>({ path: join(home, 'db'), noSubdir: false, maxDbs: 8, encoding: 'binary' }), files, presence };
  } catch (error) {
    throw cacheFault('opened', home, error);
  }
}

// A use that could not be noted makes an entry look older, no more; the disk's real trouble shows in the next write.
function metAtClose(): void {}

// Memory of its own: it starts aligned, and is a plain Uint8Array as bytes from a file are.
function ownBytes(bytes: Buffer | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : new Uint8Array(bytes);
}
