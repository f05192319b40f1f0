// What a cache on disk holds, read without changing anything; and its removal. Only a folder that a build of ours made counts as a cache.
import { existsSync, lstatSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import xxhash from 'xxhash-wasm';
import { byCodeUnit } from '../src/base/canonical.ts';
import { Fault } from '../src/base/fault.ts';
import { isLeftOver } from '../src/engine/temporary.ts';
import { cacheFault } from './blobs.ts';
import { digestsOf } from './entries.ts';
import { readMeta, readReceipt, readRecipe } from './forms.ts';
import { defaultCapBytes, format } from './lmdb-store.ts';

export interface TaskShare {
  readonly task: string;
  readonly receipts: number;
  /** Of these receipts; one that several tasks pass on counts for each. */
  readonly blobs: number;
  readonly bytes: number;
}

export interface Inventory {
  readonly receipts: number;
  readonly blobs: number;
  /** Of the blobs. */
  readonly bytes: number;
  /** What the cap is compared with: receipts and blobs. */
  readonly keptBytes: number;
  readonly capBytes: number;
  readonly disk: DiskUse;
  /** Milliseconds of the clock; undefined: never. */
  readonly sweptAt: number | undefined;
  /** The largest first. */
  readonly tasks: readonly TaskShare[];
}

export interface DiskUse {
  readonly files: number;
  readonly bytes: number;
}

/** Throws a Fault on a folder that is no cache. */
export async function inventoryOf(folder: string): Promise<Inventory> {
  checkCache(folder);
  const home = join(folder, format);
  const { h64Raw } = await xxhash();
  const root = openRoot(home);
  try {
    const table = (name: string) => root.openDB<Buffer, string>(name, { encoding: 'binary' });
    const sizes = new Map([...table('blobs').getRange()].map(({ key, value }) => [key, readMeta(value)?.size ?? 0]));
    const tasks = new Map<string, { receipts: number; digests: Set<string> }>();
    let receipts = 0;
    let receiptBytes = 0;
    for (const { value } of table('receipts').getRange()) {
      const receipt = readReceipt(value, h64Raw);
      receipts++;
      receiptBytes += value.byteLength;
      if (typeof receipt === 'string') continue;
      // Canonical text of a recipe, which names its task.
      const { task } = JSON.parse(readRecipe(value, h64Raw) ?? '{"task":"unknown"}') as { task: string };
      const share = tasks.get(task) ?? { receipts: 0, digests: new Set() };
      tasks.set(task, share);
      share.receipts++;
      for (const digest of digestsOf(receipt)) if (sizes.has(digest)) share.digests.add(digest);
    }
    const bytes = sum(sizes.values());
    return {
      receipts, bytes,
      blobs: sizes.size,
      keptBytes: bytes + receiptBytes,
      capBytes: defaultCapBytes,
      disk: diskUse(home),
      sweptAt: statSync(join(home, 'swept'), { throwIfNoEntry: false })?.mtimeMs,
      tasks: [...tasks]
        .map(([task, share]) => ({ task, receipts: share.receipts, blobs: share.digests.size, bytes: sum([...share.digests].map((digest) => sizes.get(digest)!)) }))
        .sort((a, b) => b.bytes - a.bytes || byCodeUnit(a.task, b.task)),
    };
  } finally {
    await root.close();
  }
}

/** Removes all that builds have put there; returns what that was. Throws a Fault on a folder that is no cache, or one in use. */
export function clearCache(folder: string): DiskUse {
  checkCache(folder);
  const home = join(folder, format);
  const running = join(home, 'running');
  const busy = existsSync(running) ? readdirSync(running).filter((name) => !isLeftOver(join(running, name), name)) : [];
  if (busy.length > 0) {
    throw new Fault({ place: { file: folder }, what: 'a build is using this cache', facts: [['mark', join(running, busy[0]!)], ['try', 'again when it is done']] });
  }
  const removed = diskUse(home);
  rmSync(home, { recursive: true, force: true });
  // Of other things in the folder nothing is known: they stay, and the folder with them.
  if (readdirSync(folder).length === 0) rmdirSync(folder);
  return removed;
}

function checkCache(folder: string): void {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) throw new Fault({ exit: 2, what: `no cache at ${folder}`, facts: [['because', 'nothing was built there, or it was cleared'], ['try', '--workspace DIR or --cache DIR, where it is']] });
  if (stat.isDirectory() && existsSync(join(folder, format, 'db/data.mdb'))) return;
  throw new Fault({ exit: 2, place: { file: folder }, what: 'this is not a cache of axbuild', facts: [['because', `it has no ${format}/db`], ['try', 'the folder of the cache itself, .axbuild/cache by default']] });
}

function openRoot(home: string): ReturnType<typeof open<Buffer, string>> {
  try {
    return open<Buffer, string>({ path: join(home, 'db'), noSubdir: false, maxDbs: 8, encoding: 'binary', readOnly: true });
  } catch (error) {
    throw cacheFault('opened', home, error);
  }
}

function diskUse(folder: string): DiskUse {
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => lstatSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0);
  return { files: sizes.length, bytes: sum(sizes) };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
