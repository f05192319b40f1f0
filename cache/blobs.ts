// Large blobs as files named by digest: written to a temporary name, synced, renamed, so that a name always stands for
// whole bytes. Temporary names say whose they are (engine/temporary.ts).
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../src/base/fault.ts';
import type { Digest } from '../src/base/digest.ts';
import { removeLeftOvers, temporaryName } from '../src/engine/temporary.ts';

/** At this size and above a blob is a file. */
export const fileBytesMin = 64 * 1024;

export interface BlobFiles {
  write(digest: Digest, bytes: Uint8Array): void;
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
    write(digest, bytes) {
      const path = join(make(temporary), temporaryName());
      try {
        writeSynced(path, bytes);
        make(join(folder, 'blobs', digest.slice(0, 2)));
        renameSync(path, pathOf(digest));
      } catch (error) {
        rmSync(path, { force: true });
        throw new Fault({
          what: 'the cache cannot be written',
          place: { file: folder },
          facts: [['error', error instanceof Error ? error.message : String(error)], ['bytes', String(bytes.byteLength)]],
        });
      }
    },
    read: (digest) => readFile(pathOf(digest)),
    sizeOf: (digest) => statSync(pathOf(digest), { throwIfNoEntry: false })?.size,
    remove: (digest) => rmSync(pathOf(digest), { force: true }),
    removeLeftOvers: () => removeLeftOvers(temporary),
  };
}

function writeSynced(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx');
  try {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

// Into memory of its own, which starts aligned; in a loop, because one read ends at 2 GiB.
function readFile(path: string): Uint8Array | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = new Uint8Array(fstatSync(file).size);
    let at = 0;
    while (at < bytes.byteLength) {
      const read = readSync(file, bytes, at, Math.min(bytes.byteLength - at, 1 << 30), null);
      if (read === 0) break;
      at += read;
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(file);
  }
}
