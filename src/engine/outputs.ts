// Artifacts as files where the user wants them. A file is replaced whole or not at all; what is as it should be is left
// alone; what this goal wrote before and no longer makes is removed, unless someone else has written it since.
import { accessSync, closeSync, constants, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { byCodeUnit } from '../base/canonical.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import { Fault, Faults } from '../base/fault.ts';
import type { PublishedOutput } from './goal.ts';
import { readBytes } from './read-file.ts';
import { absent, settle, sizeOf, stampOf } from './stamp.ts';
import { removeLeftOvers, temporaryName } from './temporary.ts';

export interface OutputFile {
  /** Absolute. */
  readonly path: string;
  readonly artifact: { readonly digest: Digest; readonly size: number };
}

export interface PublishOptions {
  readonly outputs: readonly OutputFile[];
  read(artifact: OutputFile['artifact']): Promise<Uint8Array>;
  /** From the goal record of the last build, if there is one. */
  readonly previous?: Readonly<Record<string, PublishedOutput>>;
  /** Asked when all is ready, and from then on nothing waits: throws if no file may be touched any more. */
  confirm?(): void;
}

export interface PublishedOutputs {
  /** Paths that were new, changed, or restored. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** For the goal record; undefined when the stamps can't be trusted yet. */
  readonly record: Readonly<Record<string, PublishedOutput>> | undefined;
}

/** Publishes a goal's outputs: all are written beside their places before the first is put there. */
export async function publishOutputs({ outputs, read, previous = {}, confirm }: PublishOptions): Promise<PublishedOutputs> {
  const wanted = [...outputs].sort((a, b) => byCodeUnit(a.path, b.path));
  wanted.forEach(({ path }, i) => {
    if (path === wanted[i + 1]?.path) throw new Error(`BUG: two outputs at ${path}`);
  });
  const stale = wanted.filter((output) => !isInPlace(output, previous[output.path]));
  const ready: { temporary: string; path: string }[] = [];
  try {
    for (const { path, artifact } of stale) {
      const bytes = await read(artifact);
      const temporary = join(dirname(path), temporaryName());
      ready.push({ temporary, path });
      writeTemporary({ temporary, path, bytes });
    }
    confirm?.();
    for (const { temporary, path } of ready) place({ temporary, path });
  } catch (error) {
    for (const { temporary } of ready) rmSync(temporary, { force: true });
    throw error;
  }
  const paths = new Set(wanted.map(({ path }) => path));
  const removed = Object.keys(previous).filter((path) => !paths.has(path) && previous[path]!.stamp === stampOf(path) && previous[path]!.stamp !== absent);
  for (const path of removed) rmSync(path, { force: true });
  for (const folder of new Set([...paths].map(dirname))) removeLeftOvers(folder);
  return { written: stale.map(({ path }) => path), removed, record: await recordOf(wanted) };
}

function isInPlace({ path, artifact }: OutputFile, before: PublishedOutput | undefined): boolean {
  const stamp = stampOf(path);
  if (stamp === absent) return false;
  if (before?.stamp === stamp) return before.digest === artifact.digest;
  if (sizeOf(stamp) !== artifact.size || !statSync(path).isFile()) return false;
  return digestOf(readBytes(path)) === artifact.digest;
}

// Stamps are taken when their clock has ticked on, so that no later edit can hide under them.
async function recordOf(outputs: readonly OutputFile[]): Promise<PublishedOutputs['record']> {
  const stamps = outputs.map(({ path }) => stampOf(path));
  if (!(await settle(stamps))) return undefined;
  if (outputs.some(({ path }, i) => stampOf(path) !== stamps[i])) return undefined;
  return Object.fromEntries(outputs.map(({ path, artifact }, i) => [path, { stamp: stamps[i]!, digest: artifact.digest }]));
}

function writeTemporary({ temporary, path, bytes }: { temporary: string; path: string; bytes: Uint8Array }): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, 'wx');
    try {
      for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw cannotWrite(path, error instanceof Error ? error.message : String(error), 1);
  }
}

function place({ temporary, path }: { temporary: string; path: string }): void {
  try {
    renameSync(temporary, path);
  } catch (error) {
    throw cannotWrite(path, error instanceof Error ? error.message : String(error), 1);
  }
}

/** Throws a Fault for the first path behind each obstacle to publishOutputs. Call it before the first slow step; it changes nothing. */
export function checkWritable(paths: readonly string[]): void {
  const faults = new Map<string, Fault>();
  for (const path of paths) {
    const obstacle = obstacleTo(resolve(path));
    if (obstacle !== undefined && !faults.has(obstacle.at)) faults.set(obstacle.at, cannotWrite(path, obstacle.why, 2));
  }
  const [first, ...others] = [...faults.values()];
  if (first !== undefined) throw others.length === 0 ? first : new Faults([first, ...others]);
}

/** What stands in the way of writing at the path, and where it stands. */
function obstacleTo(path: string): { readonly at: string; readonly why: string } | undefined {
  if (isFolder(path)) return { at: path, why: 'there is a folder of that name' };
  let folder = dirname(path);
  while (stampOf(folder) === absent) folder = dirname(folder);
  if (!isFolder(folder)) return { at: folder, why: `${folder} is no folder` };
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return { at: folder, why: `no permission to write in ${folder}` };
  }
}

function isFolder(path: string): boolean {
  return stampOf(path) !== absent && statSync(path).isDirectory();
}

function cannotWrite(path: string, why: string, exit: 1 | 2): Fault {
  return new Fault({ place: { file: path }, what: 'this output cannot be written', facts: [['because', why]], exit });
}
