// Files outside the store. A file is known by its content; its stamp only says when the content must be looked at again.
import { resolve } from 'node:path';
import { digestOf, type Digest } from '../base/digest.ts';
import { Fault } from '../base/fault.ts';
import { readBytes } from './read-file.ts';
import { absent, racyFor, settle, sizeOf, stampOf, type Stamp } from './stamp.ts';
import type { Store } from './store.ts';
import type { Artifact } from './task.ts';

interface Source {
  readonly path: string;
  readonly artifact: Artifact;
  stamp: Stamp;
  /** The stamp was taken within a tick of the file's last change: it is not remembered until settled() looked again. */
  racy: boolean;
}

export class Sources {
  readonly #store: Store;
  readonly #workspace: string;
  readonly #now: () => number;
  readonly #open = new Map<string, Source>();

  /** `now`: milliseconds of the clock that the file system uses. */
  constructor({ store, workspace, now = Date.now }: { store: Store; workspace: string; now?: () => number }) {
    this.#store = store;
    this.#workspace = workspace;
    this.#now = now;
  }

  /** The file as it is at the first call; later calls of this build see the same content. */
  async open(path: string): Promise<{ artifact: Artifact; path: string }> {
    const place = resolve(this.#workspace, path);
    let source = this.#open.get(place);
    if (source === undefined) {
      source = await this.#look(place, path);
      // Two calls may have looked at the same time; the first to end decides for both.
      source = this.#open.get(place) ?? source;
      this.#open.set(place, source);
    }
    return { artifact: source.artifact, path: place };
  }

  async #look(place: string, path: string): Promise<Source> {
    const stamp = stampOf(place);
    if (stamp === absent) throw new Fault({ place: { file: path }, what: 'no such file', exit: 2 });
    const known = this.#store.stamped(place);
    if (known?.stamp === stamp) return { path: place, stamp, racy: false, artifact: artifactOf(known.digest, sizeOf(stamp)) };
    const { bytes, stamp: read, racy } = readSteadily(place, path, this.#now);
    const digest = digestOf(bytes);
    await this.#store.keep(digest, bytes);
    if (!racy) await this.#store.stamp(place, { stamp: read, digest });
    return { path: place, stamp: read, racy, artifact: artifactOf(digest, bytes.byteLength) };
  }

  /** Those of the files whose content is no longer what was read. */
  moved(paths: Iterable<string>): string[] {
    return [...paths].filter((path) => {
      const source = this.#opened(path);
      const stamp = stampOf(path);
      if (stamp === source.stamp) return false;
      if (stamp === absent || sizeOf(stamp) !== source.artifact.size) return true;
      // Touched, or moved and back: the content decides.
      const { bytes, stamp: read, racy } = readSteadily(path, path, this.#now);
      if (digestOf(bytes) !== source.artifact.digest) return true;
      source.stamp = read;
      source.racy = racy;
      return false;
    });
  }

  #opened(path: string): Source {
    const source = this.#open.get(path);
    if (source === undefined) throw new Error(`BUG: ${path} was never opened`);
    return source;
  }

  /** Puts the file's bytes into the store again; false when the file is not what it was. */
  async refill(path: string, digest: Digest): Promise<boolean> {
    if (stampOf(path) === absent) return false;
    const { bytes } = readSteadily(path, path, this.#now);
    if (digestOf(bytes) !== digest) return false;
    await this.#store.keep(digest, bytes, 'overwrite');
    return true;
  }

  /** The stamps of the files, once each can be trusted; undefined when one moved or is too fresh to tell. */
  async settled(paths: ReadonlySet<string>): Promise<Readonly<Record<string, Stamp>> | undefined> {
    const wanted = [...paths].map((path) => this.#opened(path));
    const fresh = wanted.filter((source) => source.racy);
    if (!(await settle(fresh.map(({ stamp }) => stamp)))) return undefined;
    for (const source of fresh) {
      const { bytes, stamp, racy } = readSteadily(source.path, source.path, this.#now);
      if (digestOf(bytes) !== source.artifact.digest) return undefined;
      if (racy) return undefined;
      source.stamp = stamp;
      source.racy = false;
      await this.#store.stamp(source.path, { stamp, digest: source.artifact.digest });
    }
    if (this.moved(paths).length > 0) return undefined;
    if (wanted.some((source) => source.racy)) return undefined;
    return Object.fromEntries(wanted.map(({ path, stamp }) => [path, stamp]));
  }

  /** The content of every file opened: what a sweep must not take. */
  digests(): Digest[] {
    return [...this.#open.values()].map(({ artifact }) => artifact.digest);
  }
}

function artifactOf(digest: Digest, size: number): Artifact {
  return { digest, size, refs: [] };
}

// The bytes and the stamp they had: stamped before and after, and read again when it changed in between.
function readSteadily(place: string, path: string, now: () => number): { bytes: Uint8Array; stamp: Stamp; racy: boolean } {
  for (let attempt = 0; attempt < 5; attempt++) {
    const stamp = stampOf(place);
    const racy = racyFor(stamp, now()) > 0;
    const bytes = contentOf(place, path);
    if (stampOf(place) === stamp) return { bytes, stamp, racy };
  }
  throw new Fault({ place: { file: path }, what: 'the file keeps changing while it is read', facts: [['try', 'building again when it is written']] });
}

function contentOf(place: string, path: string): Uint8Array {
  try {
    return readBytes(place);
  } catch (error) {
    throw new Fault({ place: { file: path }, what: 'the file cannot be read', facts: [['error', error instanceof Error ? error.message : String(error)]], exit: 2 });
  }
}
