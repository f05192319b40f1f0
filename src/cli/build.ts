// `axbuild build`: decides by stats whether anything changed; only if so, loads what builds.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Digest } from '../base/digest.ts';
import { goalPath, isUnchanged, readGoal, type Circumstances } from '../engine/goal.ts';
import type { Exit, GoalOutcome } from '../engine/events.ts';
import type { CodeDigests } from '../engine/recipe.ts';
import type { Arguments } from './arguments.ts';
import { shortPath } from './short-path.ts';
import { openView, type OpenView } from './view.ts';

/** Written by scripts/build-code.ts beside the bundle. */
export interface Tool extends CodeDigests {
  /** Digest of all of axbuild's own code. */
  readonly whole: Digest;
}

/** What a build command was asked for, before any file of the user's was read. */
export interface Asked {
  readonly given: Arguments;
  readonly workspace: string;
  readonly cache: string;
  /** As the user would name it; there may be none. */
  readonly manifest: string;
  readonly circumstances: Circumstances;
  readonly tool: Tool;
  readonly home: string;
  /** Milliseconds of the clock. */
  readonly began: number;
}

export async function build(given: Arguments, home: string): Promise<Exit> {
  const asked = ask(given, home);
  const view = openView(given.options['log-format'] === 'json' ? 'json' : 'plain');
  const record = readGoal(commandPath(asked));
  if (record === undefined || !isUnchanged(record, asked.circumstances)) {
    const workers = (await import('./workers.ts')).startWorkers(asked);
    return (await import('./build-goals.ts')).buildGoals(asked, view, workers);
  }
  sayUnchanged(namesOf(record.goal), asked, view);
  return 0;
}

/** Where the record of this command's last success lies: the same command finds it again. */
export function commandPath({ cache, workspace, circumstances: { command }, given: { words } }: Asked): string {
  return goalPath({ cache, workspace, goal: `command ${JSON.stringify([command, words])}` });
}

/** A command's record is for all its goals together. */
export function nameOf(goals: readonly string[]): string {
  return JSON.stringify(goals);
}

function namesOf(name: string): readonly string[] {
  return JSON.parse(name) as string[]; // nameOf wrote it
}

function ask(given: Arguments, home: string): Asked {
  const began = Date.now();
  const workspace = resolve(given.options['workspace'] ?? '.');
  const cache = resolve(given.options['cache'] ?? join(workspace, '.axbuild/cache'));
  const tool = JSON.parse(readFileSync(join(home, 'code.json'), 'utf8')) as Tool;
  const manifest = manifestIn(workspace);
  const circumstances = { code: tool.whole, versions: { node: process.version, 'onnxruntime-node': runtimeVersion(home) }, command: commandOf(given, manifest), environment: {} };
  return { given, workspace, cache, manifest, circumstances, tool, home, began };
}

/** All of the command line that decides what a goal is. Words only choose among goals. */
function commandOf({ flags, options: { config = '', target = '' } }: Arguments, manifest: string): string[] {
  const named = [JSON.stringify(flags), config, target];
  // Their relative paths start at the working directory.
  return Object.keys(flags).length > 0 || config !== '' || target !== '' ? [...named, process.cwd()] : [resolve(manifest)];
}

/** ONNX Runtime computes the float passes; its version is read without loading it. */
function runtimeVersion(home: string): string {
  const path = createRequire(join(home, 'axbuild.js')).resolve('onnxruntime-node/package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

function manifestIn(workspace: string): string {
  const places = ['axbuild.yaml', 'axbuild.yml', 'axbuild.json'].map((name) => join(workspace, name));
  return shortPath(places.find((path) => existsSync(path)) ?? places[0]!);
}

function sayUnchanged(goals: readonly string[], { began }: Asked, view: OpenView): void {
  const seconds = (Date.now() - began) / 1000;
  for (const goal of goals) view.see({ event: 'goal', goal, outcome: 'unchanged', written: [], seconds });
  view.see({ event: 'summary', goals: Object.fromEntries(goals.map((goal): [string, GoalOutcome] => [goal, 'unchanged'])), tasks: {}, seconds });
  view.close();
}
