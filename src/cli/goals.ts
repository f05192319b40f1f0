// Which goals a command asks for, each with its configuration in force.
import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ModelGoal } from '../../tasks/pipeline.ts';
import { Fault, nearest } from '../base/fault.ts';
import { readManifest, resolveConfig, resolveModel } from '../config/index.ts';
import { readTarget } from '../targets/read.ts';
import { targetOf } from '../targets/index.ts';
import type { Target } from '../targets/target.ts';
import type { Asked } from './build.ts';

export interface Goal extends ModelGoal {
  /** Files whose content decided the configuration, absolute. */
  readonly files: readonly string[];
}

/** Throws a Fault (or all of them) for a goal that isn't there or a configuration that is wrong. */
export function goalsOf(asked: Asked): Goal[] {
  const { given, manifest } = asked;
  const { words, flags, options } = given;
  const chip = options['target'];
  const targetFor = (name: string): Target => {
    if (chip !== undefined) return readTarget(readFileSync(chip, 'utf8'), chip);
    const target = targetOf(name);
    if (target === undefined) throw new Error(`BUG: the configuration accepts ${name}, but there is no such target`);
    return target;
  };
  if (chip !== undefined && !existsSync(chip)) throw new Fault({ exit: 2, what: `no target file at ${chip}`, facts: [['see', 'docs/targets.md']] });
  const extra = chip === undefined ? [] : [resolve(chip)];
  if (flags['input'] !== undefined || options['config'] !== undefined) {
    const { files, ...resolved } = resolveConfig({ ...(options['config'] !== undefined && { file: options['config'] }), flags, base: process.cwd() });
    return [{ name: basename(resolved.config.output_dir), ...resolved, target: targetFor(resolved.config.target_hardware), files: [...files, ...extra] }];
  }
  const read = readManifest(manifest);
  const known = [...read.models.keys()];
  for (const word of words) {
    if (known.includes(word)) continue;
    const near = nearest(word, known);
    throw new Fault({ exit: 2, what: `${manifest} has no model "${word}"`, facts: [['models', known.join(', ')], ...(near === undefined ? [] : [['try', near] as const])] });
  }
  const names = words.length > 0 ? known.filter((name) => words.includes(name)) : known;
  return names.map((name) => {
    const { files, ...resolved } = resolveModel(read, name, { flags });
    return { name, ...resolved, target: targetFor(resolved.config.target_hardware), files: [resolve(manifest), ...files, ...extra] };
  });
}
