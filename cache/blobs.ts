// Large blobs as files named by digest: written to a temporary name, synced, renamed, so that a name always stands for
// whole bytes. Temporary names say whose they are (engine/temporary.ts).
import { closeSync, fsync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../src/base/fault.ts';
import type { Digest } from '../src/base/digest.ts';
import { readBytes } from '../src/engine/read-file.ts';
import { removeLeftOvers, temporaryName } from '../src/engine/temporary.ts';

const sync = promisify(fsync);

/** At this size and above a blob is a file. */
export const fileBytesMin = 64 * 1024;

export interface BlobFiles {
  /** Takes the bytes before it returns; resolves when they are on disk under their name. */
  write(digest: Digest, bytes: Uint8Array): Promise<void>;
  /** undefined when there is no such file. */
  read(digest: Digest): Uint8Array | undefined;
  sizeOf(digest: Digest): number | undefined;
  remove(digest: Digest): void;
  /** Files that killed builds were writing; returns how many there were. */
  removeLeftOvers(): number;
}

export function openBlobFiles(folder: string): BlobFiles {
  const temporary = join(folder, 'tmp');
  const made = new Set<string>();
  const make = (path: string): string => {
    if (!made.has(path)) mkdirSync(path, { recursive: true });
    made.add(path);
    return path;
  };
  const pathOf = (digest: Digest): string => join(folder, 'blobs', digest.slice(0, 2), digest);
  return {
    async write(digest, bytes) {
      const path = join(make(temporary), temporaryName());
      try {
        await writeSynced(path, bytes);
        make(join(folder, 'blobs', digest.slice(0, 2)));
        renameSync(path, pathOf(digest));
      } catch (error) {
        rmSync(path, { force: true });
        throw cacheFault('written', folder, error);
      }
    },
    read: (digest) => readIfThere(pathOf(digest)),
    sizeOf: (digest) => statSync(pathOf(digest), { throwIfNoEntry: false })?.size,
    remove: (digest) => rmSync(pathOf(digest), { force: true }),
    removeLeftOvers: () => removeLeftOvers(temporary),
  };
}

/** The disk is full, or someone else's. */
export function cacheFault(what: 'opened' | 'written', folder: string, error: unknown): Fault {
  const why = error instanceof Error ? error.message : String(error);
  return new Fault({ place: { file: folder }, what: `the cache cannot be ${what}`, facts: [['because', why], ['try', 'another folder: --cache DIR']], exit: what === 'opened' ? 2 : 1 });
}

// Written at once, synced beside other files: most of the time goes into waiting for the disk.
async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = openSync(path, 'wx');
  try {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at);
    await sync(file);
  } finally {
    closeSync(file);
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readBytes(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
