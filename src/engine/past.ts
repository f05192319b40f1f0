// What is remembered of a goal's jobs between builds: one file a goal beside the goal records, with the last two keys under each name. The
// recipes behind the keys are the store's; together they answer `why` and `plan`.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, type Digest, type Key } from '../base/digest.ts';
import type { Outcome } from './events.ts';
import { removeLeftOvers, temporaryName } from './temporary.ts';

export interface JobName {
  readonly task: string;
  readonly label: string;
  readonly key: Key;
  readonly outcome: Outcome;
}

export interface AskedJob extends JobName {
  /** Of one that didn't come to its end: the store will not have it. */
  readonly recipe?: string;
}

export interface PastJob extends JobName {
  /** The key under this name before it last changed; null: it never did. */
  readonly before: Key | null;
  /** The builds (by number) in which it became this key, and in which it was last asked for. */
  readonly since: number;
  readonly asked: number;
}

export interface Past {
  readonly workspace: string;
  readonly goal: string;
  /** Tells goals of one name apart: where it goes. */
  readonly place: string;
  /** Milliseconds of the clock. */
  readonly at: number;
  /** Counts this goal's builds. */
  readonly build: number;
  /** Whether the last build came to its end. If not, `jobs` has older ones as well. */
  readonly complete: boolean;
  /** Files that the builds read, by absolute path. */
  readonly sources: Readonly<Record<string, Digest>>;
  /** In the order in which they were asked for. */
  readonly jobs: readonly PastJob[];
  /** Of keys that never came to their end. */
  readonly recipes: Readonly<Record<Key, string>>;
}

export type PastName = Pick<Past, 'workspace' | 'goal' | 'place'>;

export function readPast(cache: string, name: PastName): Past | undefined {
  return readAt(pathOf(cache, name));
}

/** Of every goal of a workspace, the newest first. */
export function pastsOf(cache: string, workspace: string): Past[] {
  return namesIn(folderOf(cache))
    .flatMap((name) => readAt(join(folderOf(cache), name)) ?? [])
    .filter((past) => past.workspace === workspace)
    .sort((a, b) => b.at - a.at);
}

/** What is remembered after a build that asked for these jobs. */
export function pastAfter(before: Past | undefined, name: PastName, now: { readonly at: number; readonly complete: boolean; readonly jobs: readonly AskedJob[]; readonly sources: Past['sources'] }): Past {
  const build = (before?.build ?? 0) + 1;
  const older = new Map((before?.jobs ?? []).map((job) => [nameOf(job), job]));
  const jobs = now.jobs.map(({ recipe: _, ...job }): PastJob => {
    const known = older.get(nameOf(job));
    older.delete(nameOf(job));
    const changed = known?.key !== job.key;
    return { ...job, before: changed ? (known?.key ?? null) : known.before, since: changed ? build : known.since, asked: build };
  });
  const all = [...jobs, ...(now.complete ? [] : older.values())];
  const named = new Set<string | null>(all.flatMap((job) => [job.key, job.before]));
  const recipes = [...Object.entries(before?.recipes ?? {}), ...now.jobs.flatMap(({ key, recipe }) => (recipe === undefined ? [] : [[key, recipe] as const]))];
  return {
    ...name, at: now.at, build, complete: now.complete,
    sources: now.complete ? now.sources : { ...before?.sources, ...now.sources },
    jobs: all,
    recipes: Object.fromEntries(recipes.filter(([key]) => named.has(key))),
  };
}

export function writePast(cache: string, past: Past): void {
  const folder = folderOf(cache);
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, temporaryName());
  const { jobs, ...head } = past;
  const text = JSON.stringify({ ...head, jobs: jobs.map(({ task, label, key, outcome, before, since, asked }) => [task, label, key, outcome, before, since, asked]) });
  writeFileSync(temporary, `${digestOf(text)}\n${text}`);
  renameSync(temporary, pathOf(cache, past));
  removeLeftOvers(folder);
}

type Row = readonly [string, string, Key, Outcome, Key | null, number, number];

// As a goal record: what follows its own digest was written by writePast, in this format's own folder.
function readAt(path: string): Past | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const end = text.indexOf('\n');
  if (digestOf(text.slice(end + 1)) !== text.slice(0, end)) return undefined;
  const { jobs, recipes = {}, ...head } = JSON.parse(text.slice(end + 1)) as Omit<Past, 'jobs' | 'recipes'> & { jobs: readonly Row[]; recipes?: Past['recipes'] };
  return { ...head, recipes, jobs: jobs.map(([task, label, key, outcome, before, since, asked]) => ({ task, label, key, outcome, before, since, asked })) };
}

function nameOf({ task, label }: { readonly task: string; readonly label: string }): string {
  return `${task}\0${label}`;
}

function folderOf(cache: string): string {
  return join(cache, 'v1', 'jobs');
}

function pathOf(cache: string, { workspace, goal, place }: PastName): string {
  return join(folderOf(cache), digestOf(`${workspace}\0${goal}\0${place}`));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // nothing was built yet
  }
}
