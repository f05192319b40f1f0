// What --help prints, from the table of commands and the schema.
import { defaultWords, typeWords } from '../config/faults.ts';
import type { Field } from '../config/field.ts';
import { flagsOf } from '../config/schema.ts';
import { commands, type Command } from './commands.ts';

const columns = 100;

/** Help of one command, or of all. */
export function helpText(command?: Command): string {
  return command === undefined || (command.name === 'help') ? overview() : commandHelp(command);
}

function overview(): string {
  const wide = Math.max(...commands.map(({ name }) => name.length));
  return [
    'axbuild: make for neural-network accelerators',
    '',
    'usage  axbuild <command> [options]',
    '',
    ...commands.map(({ name, about }) => `  ${name.padEnd(wide)}  ${about}`),
    '',
    'examples',
    ...examples(commands.flatMap((command) => command.examples.slice(0, 1))),
    '',
    'axbuild <command> --help shows the flags of a command.',
    '',
  ].join('\n');
}

function commandHelp(command: Command): string {
  const { message, settingsIn } = command;
  const flags = message === undefined || settingsIn !== undefined ? [] : flagsOf(message);
  return [
    command.about,
    '',
    ...command.usage.map((line, i) => `${i === 0 ? 'usage' : '     '}  ${line}`),
    '',
    'examples',
    ...examples(command.examples),
    '',
    'options',
    ...command.options.flatMap(({ name, letter, value, about }) => entry(`${letter === undefined ? '' : `-${letter}, `}--${name}${value === undefined ? '' : ` ${value}`}`, about)),
    ...(flags.length === 0 ? [] : ['', command.name === 'build' ? 'settings (they win over the manifest\'s overrides, which win over the configuration file)' : 'settings']),
    ...(settingsIn === undefined ? [] : ['', `settings: those of axbuild ${settingsIn} --help, with the same meaning`]),
    ...flags.flatMap(({ path, field }) => entry(`--${path} ${placeholder(field)}`, `${field.about} ${facts(field)}`)),
    '',
  ].join('\n');
}

/** What an example shows stands beside it, or below where that would be too wide. */
function examples(list: Command['examples']): string[] {
  const wide = Math.max(...list.map(([line]) => line.length));
  const isWide = list.some(([, about]) => wide + about.length + 4 > columns);
  return list.flatMap(([line, about]) => (isWide && about !== '' ? [`  ${line}`, `      ${about}`] : [`  ${line.padEnd(wide)}  ${about}`.trimEnd()]));
}

function placeholder(field: Field): string {
  if (field.type === 'bool') return '[true|false]';
  const word = { string: 'TEXT', path: 'PATH', int: 'N', float: 'NUMBER', enum: 'NAME', message: '', struct: '' }[field.type];
  return field.repeated ? `${word} …` : word;
}

function facts(field: Field): string {
  const limit = field.type === 'int' || field.type === 'float' ? field.limit : undefined;
  const parts = [
    ...(field.type === 'enum' || field.type === 'string' ? [typeWords(field)].filter((words) => words.startsWith('one of')) : []),
    ...(limit === undefined ? [] : [limit.text]),
    field.required ? 'required' : `default ${defaultWords(field)}`,
    ...(field.built === undefined ? ['only the default is built yet'] : field.built === 'all' ? [] : [`built: ${field.built.join(', ')}`]),
  ];
  return `(${parts.join('; ')})`;
}

function entry(head: string, about: string): string[] {
  const left = 26;
  const lines = wrap(about, columns - left);
  const first = head.length + 4 <= left ? [`  ${head.padEnd(left - 2)}${lines.shift() ?? ''}`] : [`  ${head}`];
  return [...first, ...lines.map((line) => ' '.repeat(left) + line)];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
