// The goal record: one file a goal, left by its last successful build, with all that could change its outcome. An
// unchanged goal is decided by this file and stamps; so this module imports node: and base only, and reads nothing else.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { byCodeUnit } from '../base/canonical.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import { stampOf, type Stamp } from './stamp.ts';
import { removeLeftOvers, temporaryName } from './temporary.ts';

/** What decides beside files. */
export interface Circumstances {
  /** Digest of the tool's own code. */
  readonly code: Digest;
  /** Node and the packages that compute: 'onnxruntime-node' and its like. */
  readonly versions: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** The declared part of the environment; '' for a variable that isn't set. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface PublishedOutput {
  readonly stamp: Stamp;
  readonly digest: Digest;
}

export interface GoalRecord extends Circumstances {
  readonly goal: string;
  /** Sources and configuration, by absolute path; a file that was looked for and absent has the stamp 'absent'. */
  readonly sources: Readonly<Record<string, Stamp>>;
  readonly outputs: Readonly<Record<string, PublishedOutput>>;
}

/** Where the record of a workspace's goal lies under the cache folder. */
export function goalPath({ cache, workspace, goal }: { cache: string; workspace: string; goal: string }): string {
  return join(cache, 'v1', 'goals', digestOf(`${workspace}\0${goal}`));
}

/** undefined when there is none, or it is not whole. */
export function readGoal(path: string): GoalRecord | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined; // what is wrong with the cache folder, the store says when it is opened
  }
  // The first line is the digest of the rest: what passes was written by writeGoal, in this format's own folder.
  const end = text.indexOf('\n');
  return digestOf(text.slice(end + 1)) === text.slice(0, end) ? (JSON.parse(text.slice(end + 1)) as GoalRecord) : undefined;
}

export function writeGoal(path: string, record: GoalRecord): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, temporaryName());
  const text = JSON.stringify(record);
  writeFileSync(temporary, `${digestOf(text)}\n${text}`);
  renameSync(temporary, path);
  removeLeftOvers(folder);
}

/** True when a build of the goal could not come out otherwise than the recorded one did, outputs included. */
export function isUnchanged(record: GoalRecord, now: Circumstances): boolean {
  return changeOf(record, now) === undefined;
}

/** The first difference between the record and now, in words. */
export function changeOf(record: GoalRecord, now: Circumstances): string | undefined {
  if (record.code !== now.code) return "axbuild's own code";
  const versions = differing(record.versions, now.versions);
  if (versions !== undefined) return `version of ${versions}`;
  const environment = differing(record.environment, now.environment);
  if (environment !== undefined) return `environment variable ${environment}`;
  if (JSON.stringify(record.command) !== JSON.stringify(now.command)) return 'command line';
  for (const [path, stamp] of Object.entries(record.sources)) if (stampOf(path) !== stamp) return path;
  for (const [path, { stamp }] of Object.entries(record.outputs)) if (stampOf(path) !== stamp) return path;
  return undefined;
}

function differing(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string | undefined {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort(byCodeUnit).find((name) => a[name] !== b[name]);
}
