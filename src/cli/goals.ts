// Which goals a command asks for, each with its configuration in force.
import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ModelGoal } from '../../tasks/goal.ts';
import { Fault, nearest } from '../base/fault.ts';
import { readManifest, resolveConfig, resolveModel, type ResolvedConfig } from '../config/index.ts';
import { stampOf, type Stamp } from '../engine/stamp.ts';
import { readTarget } from '../targets/read.ts';
import { targetOf } from '../targets/index.ts';
import type { Target } from '../targets/target.ts';
import type { Asked } from './build.ts';

export interface Goal extends ModelGoal {
  /** Files whose content decided the configuration, by absolute path, stamped when they had been read. */
  readonly files: Readonly<Record<string, Stamp>>;
}

/** Throws a Fault (or all of them) for a goal that isn't there or a configuration that is wrong. */
export function goalsOf(asked: Asked): Goal[] {
  const { given: { options, flags } } = asked;
  const chip = options['target'];
  const custom = chip === undefined ? undefined : readTarget(textOf(chip), chip);
  const goal = (name: string, { files, ...resolved }: ResolvedConfig, more: readonly string[]): Goal => ({
    name, ...resolved,
    target: custom ?? builtIn(resolved.config.target_hardware),
    files: Object.fromEntries([...files, ...more, ...(chip === undefined ? [] : [resolve(chip)])].map((file) => [file, stampOf(file)])),
  });
  return flags['input'] !== undefined || options['config'] !== undefined ? [lone(asked, goal)] : named(asked, goal);
}

type MakeGoal = (name: string, resolved: ResolvedConfig, files: readonly string[]) => Goal;

/** A build without a manifest, as the vendor's: relative paths start at the working directory. */
function lone({ given: { words, flags, options } }: Asked, goal: MakeGoal): Goal {
  if (words[0] !== undefined) {
    throw new Fault({ exit: 2, what: `"${words[0]}" and --${flags['input'] === undefined ? 'config' : 'input'} don't go together`, facts: [['because', 'goals are models of a manifest; --input and --config build without one']] });
  }
  const { config: file } = options;
  const resolved = resolveConfig({ ...(file !== undefined && { file }), flags, base: process.cwd() });
  return goal(basename(resolved.config.output_dir), resolved, []);
}

function named({ given: { words, flags }, manifest }: Asked, goal: MakeGoal): Goal[] {
  if (!existsSync(manifest)) {
    throw new Fault({ exit: 2, what: `no ${basename(manifest)} at ${resolve(manifest)}`, facts: [['try', '--workspace DIR, where it is'], ['or', '--input MODEL --output_dir DIR --config FILE, without one']] });
  }
  const read = readManifest(manifest);
  const known = [...read.models.keys()];
  for (const word of words) {
    if (known.includes(word)) continue;
    const near = nearest(word, known);
    throw new Fault({ exit: 2, what: `${manifest} has no model "${word}"`, facts: [['models', known.join(', ')], ...(near === undefined ? [] : [['try', near] as const])] });
  }
  const goals = (words.length > 0 ? known.filter((name) => words.includes(name)) : known).map((name) => goal(name, resolveModel(read, name, { flags }), [resolve(manifest)]));
  const owners = new Map<string, string>();
  for (const { name, config: { output_dir } } of goals) {
    const owner = owners.get(output_dir);
    if (owner !== undefined) throw new Fault({ exit: 2, what: `${owner} and ${name} have one output folder`, facts: [['folder', output_dir], ['try', 'an output_dir for each']] });
    owners.set(output_dir, name);
  }
  return goals;
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
