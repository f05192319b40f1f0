// A scene for tests of the engine: a folder with sources and a cache, builds in it, and what they said.
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { textOf } from '../../src/base/bytes.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import type { Event } from '../../src/engine/events.ts';
import type { Executor } from '../../src/engine/executor.ts';
import { openPool, type Pool, type PoolOptions } from '../../src/engine/pool.ts';
import type { CodeDigests } from '../../src/engine/recipe.ts';
import { startBuild, type BuildOptions, type RunningBuild } from '../../src/engine/start.ts';
import type { Store } from '../../src/engine/store.ts';
import type { Artifact } from '../../src/engine/task.ts';
import { tasks } from './toy-tasks.ts';

const root = join(import.meta.dirname, '../..');

export const code: CodeDigests = {
  tasks: Object.fromEntries(Object.keys(tasks).map((name) => [name, digestOf(`code of ${name}`)])),
  members: { 'toys/red': digestOf('red'), 'toys/blue': digestOf('blue') },
};

/** A folder that goes when the test file ends. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function makePool(folder: string, options: Partial<PoolOptions> = {}): Pool {
  const pool = openPool({
    entry: join(root, 'src/cli/worker.ts'),
    args: [join(folder, 'cache'), join(root, 'test/engine/toy-tasks.ts')],
    execArgv: ['--import', 'tsx'],
    jobs: 2,
    ...options,
  });
  after(() => pool.close());
  return pool;
}

export async function makeStore(folder: string): Promise<Store> {
  const store = await openLmdbStore({ folder: join(folder, 'cache') });
  after(() => store.close());
  return store;
}

/** Resolves with the file's text once there is some, without polling. */
export async function appeared(file: string): Promise<string> {
  const isThere = (): boolean => existsSync(file) && readFileSync(file).length > 0;
  await new Promise<void>((done) => {
    const watcher = watch(dirname(file), look);
    look();
    function look(): void {
      if (!isThere()) return;
      watcher.close();
      done();
    }
  });
  return readFileSync(file, 'utf8');
}

export interface Scene extends RunningBuild {
  readonly events: readonly Event[];
  text(artifact: { readonly digest: Digest }): Promise<string>;
}

export function begin(options: Omit<BuildOptions, 'code' | 'emit'> & { code?: CodeDigests; executor: Executor }): Scene {
  const events: Event[] = [];
  const build = startBuild({ code, ...options, emit: (event) => events.push(event) });
  return Object.assign(build, { events, text: async (artifact: { digest: Digest }) => textOf(await build.read(artifact)) });
}

/** 'join built, head hit': outcomes by label, in the order in which they were decided. */
export function outcomes(events: readonly Event[]): string {
  return events.flatMap((event) => (event.event === 'finished' ? [`${event.label} ${event.outcome}`] : [])).join(', ');
}

export function faults(events: readonly Event[]): string[] {
  return events.flatMap((event) => (event.event === 'fault' ? [event.text] : []));
}

export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

export function one(outputs: Readonly<Record<string, Artifact>>, name = 'text'): Artifact {
  const artifact = outputs[name];
  if (artifact === undefined) throw new Error(`no output ${name}`);
  return artifact;
}

/** Numbers that a seed decides, printed so that a failure can be repeated: SEED=n. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export function seedOfTest(): number {
  const seed = process.env['SEED'] === undefined ? Date.now() % 1_000_000 : Number(process.env['SEED']);
  process.stdout.write(`# SEED=${seed}\n`);
  return seed;
}
