// Which goals a command asks for, each with its configuration in force.
import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ModelGoal } from '../../tasks/goal.ts';
import { Fault, Faults } from '../base/fault.ts';
import { readManifest, resolveConfig, resolveGoal, selectGoals, throwAny, type ResolvedConfig } from '../config/index.ts';
import { stampOf, type Stamp } from '../engine/stamp.ts';
import { readTarget } from '../targets/read.ts';
import { targetOf } from '../targets/index.ts';
import type { Target } from '../targets/target.ts';
import type { Arguments } from './arguments.ts';
import type { Asked } from './ask.ts';

export interface Goal extends ModelGoal {
  /** Files whose content decided the configuration, by absolute path, stamped when they had been read. */
  readonly files: Readonly<Record<string, Stamp>>;
  /** The variables that its manifest declares; '' for one that isn't set. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Throws a Fault (or all of them) for a goal that isn't there or a configuration that is wrong. */
export function goalsOf(asked: Asked): Goal[] {
  const { given: { options, flags } } = asked;
  const chip = options['target'];
  const custom = chip === undefined ? undefined : readTarget(textOf(chip), chip);
  const goal = ({ name, environment }: Named, { files, ...resolved }: ResolvedConfig, more: readonly string[]): Goal => ({
    name, environment, ...resolved,
    target: custom ?? builtIn(resolved.config.target_hardware),
    files: Object.fromEntries([...files, ...more, ...(chip === undefined ? [] : [resolve(chip)])].map((file) => [file, stampOf(file)])),
  });
  return flags['input'] !== undefined || options['config'] !== undefined ? [lone(asked, goal)] : named(asked, goal);
}

type Named = Pick<Goal, 'name' | 'environment'>;
type MakeGoal = (named: Named, resolved: ResolvedConfig, files: readonly string[]) => Goal;

/** A build without a manifest, as the vendor's: relative paths start at the working directory. */
function lone({ given: { words, flags, options } }: Asked, goal: MakeGoal): Goal {
  const word = words[0] ?? ['tag', 'manifest'].flatMap((name) => (options[name] === undefined ? [] : `--${name} ${options[name]}`))[0];
  if (word !== undefined) {
    throw new Fault({ exit: 2, what: `"${word}" and --${flags['input'] === undefined ? 'config' : 'input'} don't go together`, facts: [['because', 'goals are models of a manifest; --input and --config build without one']] });
  }
  const { config: file } = options;
  const resolved = resolveConfig({ configs: file === undefined ? [] : [{ file }], flags, base: process.cwd() });
  return goal({ name: basename(resolved.config.output_dir), environment: {} }, resolved, []);
}

function named({ given, manifest }: Asked, goal: MakeGoal): Goal[] {
  if (!existsSync(manifest)) {
    throw new Fault({ exit: 2, what: `no ${basename(manifest)} at ${resolve(manifest)}`, facts: [['try', '--workspace DIR, where it is'], ['or', '--manifest FILE, which it is'], ['or', '--input MODEL --output_dir DIR --config FILE, without one']] });
  }
  const read = readManifest(manifest);
  const faults: Fault[] = [];
  // All manifests count for each goal: which goals a pattern or a tag means, any of them may change.
  const goals = selectGoals(read, wantedBy(given)).flatMap((one) => orNote(faults, () => goal(one, resolveGoal(one, { flags: given.flags }), read.files)) ?? []);
  throwAny(faults);
  const owners = new Map<string, string>();
  for (const { name, config: { output_dir } } of goals) {
    const owner = owners.get(output_dir);
    if (owner !== undefined) throw new Fault({ exit: 2, what: `${owner} and ${name} have one output folder`, facts: [['folder', output_dir], ['try', 'an output_dir for each']] });
    owners.set(output_dir, name);
  }
  return goals;
}

/** The words and tags that choose goals. */
export function wantedBy({ words, options }: Pick<Arguments, 'words' | 'options'>): { readonly words: readonly string[]; readonly tags: readonly string[] } {
  return { words, tags: (options['tag'] ?? '').split(',').filter((tag) => tag !== '') };
}

function orNote<T>(faults: Fault[], act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Fault || error instanceof Faults)) throw error;
    faults.push(...(error instanceof Faults ? error.faults : [error]));
    return undefined;
  }
}

function builtIn(name: string): Target {
  const target = targetOf(name);
  if (target === undefined) throw new Error(`BUG: the configuration accepts ${name}, but there is no such target`);
  return target;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new Fault({
      exit: 2,
      what: isAbsent ? `no target file at ${path}` : `the target file ${path} cannot be read`,
      facts: isAbsent ? [['see', 'docs/targets.md']] : [['because', error instanceof Error ? error.message : String(error)]],
    });
  }
}
