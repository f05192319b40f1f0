// What a command that builds, or tells of builds, was asked for: known before any file of the user's was read.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Digest } from '../base/digest.ts';
import type { Circumstances } from '../engine/goal.ts';
import type { CodeDigests } from '../engine/recipe.ts';
import type { Arguments } from './arguments.ts';
import { shortPath } from './short-path.ts';

/** Written by scripts/build-code.ts beside the bundle. */
export interface Tool extends CodeDigests {
  /** Digest of all of axbuild's own code. */
  readonly whole: Digest;
  readonly version: string;
}

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

export function ask(given: Arguments, home: string): Asked {
  const began = Date.now();
  const { workspace, cache } = foldersOf(given);
  const tool = toolAt(home);
  const manifest = given.options['manifest'] ?? manifestIn(workspace);
  const circumstances = { code: tool.whole, versions: { node: process.version, 'onnxruntime-node': runtimeVersion(home) }, command: commandOf(given, manifest), environment: {} };
  return { given, workspace, cache, manifest, circumstances, tool, home, began };
}

/** The same question at a later time: the manifest may have come under another name. */
export function askAgain(asked: Asked): Asked {
  const manifest = asked.given.options['manifest'] ?? manifestIn(asked.workspace);
  return { ...asked, manifest, began: Date.now(), circumstances: { ...asked.circumstances, command: commandOf(asked.given, manifest) } };
}

/** Absolute paths. */
export function foldersOf({ options }: Arguments): { readonly workspace: string; readonly cache: string } {
  const workspace = resolve(options['workspace'] ?? '.');
  return { workspace, cache: resolve(options['cache'] ?? join(workspace, '.axbuild/cache')) };
}

export function toolAt(home: string): Tool {
  return JSON.parse(readFileSync(join(home, 'code.json'), 'utf8')) as Tool;
}

/** ONNX Runtime computes the float passes; its version is read without loading it. */
export function runtimeVersion(home: string): string {
  const path = createRequire(join(home, 'axbuild.js')).resolve('onnxruntime-node/package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** As `circumstances`, with the variables of the environment that a record, or a goal's manifest, names. */
export function circumstancesFor({ circumstances }: Asked, names: Iterable<string>): Circumstances {
  return { ...circumstances, environment: Object.fromEntries([...names].map((name) => [name, process.env[name] ?? ''])) };
}

/** All of the command line that decides what a goal is. Words only choose among goals. */
function commandOf({ flags, options: { config = '', target = '' } }: Arguments, manifest: string): string[] {
  const named = [JSON.stringify(flags), config, target];
  // Their relative paths start at the working directory.
  return [resolve(manifest), ...(Object.keys(flags).length > 0 || config !== '' || target !== '' ? [...named, process.cwd()] : [])];
}

/** Where a workspace's manifest may be; the first that is there counts. */
export function manifestPlaces(workspace: string): string[] {
  return ['axbuild.yaml', 'axbuild.yml', 'axbuild.json'].map((name) => join(workspace, name));
}

/** As the user would name it; there may be none. */
export function manifestIn(workspace: string): string {
  const places = manifestPlaces(workspace);
  return shortPath(places.find((path) => existsSync(path)) ?? places[0]!);
}
