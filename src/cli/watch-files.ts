// Which of a set of files changed. The system's events only say when to look; whether a file changed, its stamp says.
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import { racyFor, stampOf, type Stamp } from '../engine/stamp.ts';

/** After an event the files are looked at when nothing more happened for the one, or at last after the other. */
const quietMs = 30;
const longestMs = 500;

export interface WatchedFiles {
  /** From now on these are the files, and what they are now is how they should stay. Absent ones count: they may come. */
  take(paths: Iterable<string>): void;
  /** These as well; of files that are known already, nothing is forgotten. */
  add(paths: Iterable<string>): void;
  /** Counts as changed until it is taken again. */
  doubt(path: string): void;
  /** Those that are not as they were. */
  changed(): readonly string[];
  readonly size: number;
  /** Resolves when events of all files are heard; what happened before wakes as well. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

/** `wake`: something may have changed. */
export function openWatchedFiles({ top, wake }: { top: string; wake: () => void }): WatchedFiles {
  const stamps = new Map<string, Stamp | undefined>();
  let ears: Ears | undefined;
  const changed = (): string[] => [...stamps].filter(([path, stamp]) => stampOf(path) !== stamp).map(([path]) => path);
  const later = debounced(wake, () => !changed().some(isFresh));

  const add = (paths: Iterable<string>): void => {
    for (const path of paths) if (!stamps.has(path)) stamps.set(path, trusted(path));
  };
  return {
    take(paths) {
      stamps.clear();
      add(paths);
    },
    add,
    doubt: (path) => void stamps.set(path, undefined),
    changed,
    get size() {
      return stamps.size;
    },
    async listen() {
      const entries = entriesOf(stamps.keys(), top);
      if (ears === undefined || !ears.hears(entries)) {
        const before = ears;
        ears = openEars(entries, later.call);
        await ears.ready;
        await before?.close();
      }
      later.call();
    },
    async close() {
      later.cancel();
      await ears?.close();
    },
  };
}

/** undefined, which no stamp equals, where the file could change once more under the same stamp. */
function trusted(path: string): Stamp | undefined {
  return isFresh(path) ? undefined : stampOf(path);
}

function isFresh(path: string): boolean {
  return racyFor(stampOf(path), Date.now()) > 0;
}

/** What is listened to: the files by name, and the folders on the way to them, so that what goes and comes back is found again. */
interface Entries {
  readonly tops: readonly string[];
  readonly all: ReadonlySet<string>;
}

function entriesOf(paths: Iterable<string>, top: string): Entries {
  const tops = new Set<string>();
  const all = new Set<string>();
  for (const path of [...paths].flatMap((one) => [one, realPath(one)])) {
    all.add(path);
    const isBelow = path.startsWith(`${top}/`);
    // Outside of the workspace, the file's own folder and what holds that.
    const last = isBelow ? top : dirname(dirname(path));
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      all.add(folder);
      if (folder === last) break;
    }
    tops.add(last);
  }
  return { tops: [...tops], all };
}

// A file behind a link is replaced where it lies.
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // absent for now
  }
}

interface Ears {
  readonly ready: Promise<void>;
  hears(entries: Entries): boolean;
  close(): Promise<void>;
}

function openEars({ tops, all }: Entries, heard: () => void): Ears {
  const watcher: FSWatcher = watch([...tops], { ignored: (path) => !all.has(path), ignoreInitial: true, atomic: false, ignorePermissionErrors: true });
  // 'raw' comes first and for everything, 'all' also for what turns up when a folder is read again.
  watcher.on('raw', heard).on('all', heard).on('error', heard);
  let done: () => void;
  const ready = new Promise<void>((resolve) => (done = resolve));
  watcher.once('ready', () => done());
  return {
    ready,
    hears: (wanted) => wanted.all.size === all.size && [...wanted.all].every((path) => all.has(path)),
    close() {
      done(); // a closed watcher is never ready
      return watcher.close();
    },
  };
}

/** Acts when it was quiet for a while; not yet if what is looked at says so. */
function debounced(act: () => void, isReady: () => boolean): { call(): void; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  let first = 0;
  const call = (): void => {
    const now = performance.now();
    if (timer === undefined) first = now;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (performance.now() < first + longestMs && !isReady()) return call();
      timer = undefined;
      act();
    }, Math.max(0, Math.min(quietMs, first + longestMs - now)));
  };
  return { call, cancel: () => clearTimeout(timer) };
}
