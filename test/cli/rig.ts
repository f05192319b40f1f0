// The command line, run as a user would: a workspace with the small network in a folder of its own, dist/axbuild.js in a process of its own.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { byCodeUnit } from '../../src/base/canonical.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import type { Event, Summary } from '../../src/engine/events.ts';
import { stampOf, type Stamp } from '../../src/engine/stamp.ts';
import { plain, put, type Settings } from '../pipeline/scene.ts';
import { Workspace } from '../rig/workspace.ts';

const entry = join(import.meta.dirname, '../../dist/axbuild.js');

export interface Ran {
  /** Exit code; null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunHow {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly started?: (child: ChildProcess) => void;
  /** Called with all that was printed so far whenever that grows. */
  readonly watch?: (child: ChildProcess, printed: string) => void;
}

export class Scene extends Workspace {
  /** The command in the workspace's folder. Its process leads a group of its own. */
  axbuild(args: readonly string[], { cwd = this.folder, env = {}, started, watch }: RunHow = {}): Promise<Ran> {
    const { CI: _, NO_COLOR: __, GITHUB_ACTIONS: ___, NODE_OPTIONS: ____, NODE_TEST_CONTEXT: _____, ...inherited } = process.env;
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, [entry, ...args], { cwd, env: { ...inherited, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        watch?.(child, stdout);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.on('error', fail);
      child.on('close', (status) => done({ status, stdout, stderr }));
      started?.(child);
    });
  }

  /** `axbuild build`, which must succeed; its events. */
  async make(...args: string[]): Promise<readonly Event[]> {
    const { status, stdout, stderr } = await this.axbuild(['build', '--log-format', 'json', ...args]);
    if (status !== 0) throw new Error(`axbuild build ended with ${status}:\n${stdout}${stderr}`);
    return eventsOf(stdout);
  }

  /** Everything below a folder, by path: digests, or with `stamps` what changes when a file is written. */
  digests(folder = 'output'): Readonly<Record<string, Digest>> {
    return Object.fromEntries(this.paths(folder).map((path) => [path, digestOf(readFileSync(join(this.folder, folder, path)))]));
  }

  stamps(folder = 'output'): Readonly<Record<string, Stamp>> {
    return Object.fromEntries(this.paths(folder).map((path) => [path, stampOf(join(this.folder, folder, path))]));
  }

  /** Files below a folder, relative to it, sorted. */
  paths(folder = '.'): string[] {
    return readdirSync(join(this.folder, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(this.folder, folder).length + 1))
      .sort(byCodeUnit);
  }
}

/** A workspace that goes when the test ends. */
export function makeScene(t: TestContext, settings: Partial<Settings> = {}): Scene {
  const scene = new Scene();
  t.after(() => scene.remove());
  put(scene, { ...plain, ...settings });
  return scene;
}

export function eventsOf(stdout: string): Event[] {
  return stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Event); // the views' own form, see docs/events.md
}

/** The summary, which must be the last of the events. */
export function summaryOf(events: readonly Event[]): Summary {
  const last = events.at(-1);
  if (last?.event !== 'summary') throw new Error(`the last event is ${JSON.stringify(last)}`);
  return last;
}

/** How many jobs had an outcome, over all tasks. */
export function jobs(events: readonly Event[]): { hit: number; built: number; failed: number; skipped: number } {
  const total = { hit: 0, built: 0, failed: 0, skipped: 0 };
  for (const counts of Object.values(summaryOf(events).tasks)) {
    for (const outcome of ['hit', 'built', 'failed', 'skipped'] as const) total[outcome] += counts[outcome];
  }
  return total;
}

/** What a command that went well prints. */
export async function told(scene: Scene, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await scene.axbuild(args);
  assert.deepEqual([status, stderr], [0, ''], args.join(' '));
  return stdout;
}

/** What a command that was refused complains. */
export async function refused(scene: Scene, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await scene.axbuild(args);
  assert.deepEqual([status, stdout], [2, ''], args.join(' '));
  return stderr;
}
