// A stamp says whether a file may have changed: size, mtime, ctime and inode in one word, compared with != only (an
// older mtime is a change too). Imports node: only, because the decision that nothing changed is made with this alone.
import { statSync } from 'node:fs';

export type Stamp = string & { readonly __stamp: true };

/** 'absent' is a stamp like any other: what was absent and still is hasn't changed. */
export const absent = 'absent' as Stamp;

export function stampOf(path: string): Stamp {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return absent;
    return `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino}` as Stamp;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return absent;
    throw error;
  }
}

/** Bytes of the file at the time. */
export function sizeOf(stamp: Stamp): number {
  return Number(stamp.split(' ')[0]);
}

/**
 * Milliseconds after `now` until a change of the file is sure to change its stamp. A file system's clock ticks (4 ms on
 * Linux, 2 s on FAT): a file that changed within a tick of being read can change again under the same stamp. The ctime
 * tells when it changed; a mtime is what anyone says it is.
 */
export function racyFor(stamp: Stamp, now: number): number {
  if (stamp === absent) return 0;
  const ctime = BigInt(stamp.split(' ')[2] ?? 0);
  const tickMs = ctime % 1_000_000_000n === 0n ? 2000 : 20;
  return Math.max(0, Math.ceil(Number(ctime) / 1e6 + tickMs - now));
}

/** Longer than this nobody waits for a tick to pass: the stamp is then just not trusted. */
export const racyWaitMaxMs = 50;

/** Waits until the stamps are past their tick; false when that would take long. */
export async function settle(stamps: Iterable<Stamp>): Promise<boolean> {
  const all = [...stamps];
  for (;;) {
    const wait = Math.max(0, ...all.map((stamp) => racyFor(stamp, Date.now())));
    if (wait === 0) return true;
    if (wait > racyWaitMaxMs) return false;
    await new Promise((done) => setTimeout(done, wait)); // a timer may be a moment early
  }
}
