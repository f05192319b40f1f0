// Names of temporary files say who writes them, so that the next build can tell what a killed one left behind from
// what a live one is still writing. Several machines or containers may share a folder: a process id means something
// only together with the machine and its process namespace.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

let count = 0;

/** A name that no other process uses: .axbuild-<host>-<pid>-<n>.tmp */
export function temporaryName(): string {
  return `.axbuild-${host()}-${process.pid}-${count++}.tmp`;
}

/** True when the process that uses the name can no longer be running. */
export function isLeftOver(path: string, name: string): boolean {
  const match = /^\.axbuild-([0-9a-f]{8})-(\d+)-\d+\.tmp$/.exec(name);
  if (match === null) return false;
  if (match[1] === host()) return !isAlive(Number(match[2]));
  // Of a process elsewhere nothing is known; after a day it is not writing any more.
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > 86_400_000;
}

/** Removes what killed builds left in a folder; returns how many files that were. */
export function removeLeftOvers(folder: string): number {
  let removed = 0;
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (!isLeftOver(path, name)) continue;
    rmSync(path, { force: true, recursive: true });
    removed++;
  }
  return removed;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // EPERM: it is there, but someone else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

// A killed process whose parent never asks for its end keeps its id (common in containers), but writes nothing any more.
function isZombie(pid: number): boolean {
  const status = `/proc/${pid}/stat`;
  if (!existsSync(status)) return false;
  try {
    return /\) [ZX] /.test(readFileSync(status, 'latin1'));
  } catch {
    return true; // it ended between the two lines
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}

let hostTag: string | undefined;

function host(): string {
  hostTag ??= createHash('sha256').update(`${hostname()} ${pidNamespace()}`).digest('hex').slice(0, 8);
  return hostTag;
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return 'none'; // not Linux: there are no process namespaces
  }
}
