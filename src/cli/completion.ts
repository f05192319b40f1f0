// `axbuild completion`: scripts for shells, made from the table of commands. Goals, which only the manifest knows, they ask for with
// `axbuild completion goals`.
import { existsSync } from 'node:fs';
import { Fault } from '../base/fault.ts';
import { optionsOf, type Field } from '../config/field.ts';
import { readManifest } from '../config/index.ts';
import { flagsOf } from '../config/schema.ts';
import { targets } from '../targets/index.ts';
import type { Arguments } from './arguments.ts';
import { manifestIn } from './ask.ts';
import { commands, type Command } from './commands.ts';
import { bashScript, fishScript, zshScript, type CompletedCommand, type CompletedFlag } from './completion-scripts.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export async function completion({ words, options }: Arguments): Promise<0> {
  const [shell] = words;
  if (shell === 'goals') process.stdout.write(goalNames(options['manifest'] ?? manifestIn(options['workspace'] ?? '.')).map((name) => `${name}\n`).join(''));
  else if (shell !== undefined && Object.hasOwn(scripts, shell)) process.stdout.write(scripts[shell as keyof typeof scripts](commands.map(completed)));
  else throw new Fault({ exit: 2, what: shell === undefined ? 'a shell is missing' : `no completion for "${shell}"`, facts: [['known', Object.keys(scripts).join(', ')]] });
  return 0;
}

/** Goals, and models of several: none while the manifest can't be read. What is wrong with it, `build` says. */
function goalNames(manifest: string): readonly string[] {
  if (!existsSync(manifest)) return [];
  try {
    const { goals } = readManifest(manifest);
    return [...new Set([...goals.map(({ name }) => name), ...goals.map(({ model }) => model)])];
  } catch {
    return [];
  }
}

function completed(command: Command): CompletedCommand {
  const own = command.options.map((option): CompletedFlag => ({ flag: `--${option.name}`, about: option.about, takes: takenBy(option.value) }));
  const settings = command.message === undefined ? [] : flagsOf(command.message).map(({ path, field }): CompletedFlag => ({ flag: `--${path}`, about: field.about, takes: valuesOf(field) }));
  return { name: command.name, about: command.about, words: wordsOf(command), flags: [...own, ...settings] };
}

function takenBy(value: string | undefined): CompletedFlag['takes'] {
  if (value === undefined) return 'nothing';
  if (value.includes('|')) return value.split('|');
  return value === 'FILE' || value === 'DIR' ? 'files' : 'text';
}

function valuesOf(field: Field): CompletedFlag['takes'] {
  if (field.type === 'bool') return ['true', 'false'];
  return optionsOf(field) ?? (field.type === 'path' ? 'files' : 'text');
}

function wordsOf({ words }: Command): CompletedCommand['words'] {
  if (words === 'goal') return 'goals';
  if (words === 'CHIP') return targets.map(({ name }) => name);
  if (words === 'command') return commands.map(({ name }) => name);
  if (words?.includes('|') === true) return words.split('|');
  return words?.startsWith('FILE') === true || words?.startsWith('MODEL') === true ? 'files' : [];
}
