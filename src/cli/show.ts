// `axbuild help` and `axbuild version`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, nearest } from '../base/fault.ts';
import { commands, type Arguments } from './arguments.ts';
import { helpText } from './help.ts';

export async function help({ command, words, wantsHelp }: Arguments): Promise<0> {
  const name = wantsHelp ? command.name : words[0];
  const wanted = commands.find((one) => one.name === name);
  if (name !== undefined && wanted === undefined) {
    const near = nearest(name, commands.map((one) => one.name));
    throw new Fault({ exit: 2, what: `unknown command "${name}"`, facts: [['known', commands.map((one) => one.name).join(', ')], ...(near === undefined ? [] : [['try', near] as const])] });
  }
  process.stdout.write(helpText(wanted));
  return 0;
}

export async function version(_: Arguments, home: string): Promise<0> {
  const { version: number } = JSON.parse(readFileSync(join(home, 'code.json'), 'utf8')) as { version: string };
  process.stdout.write(`axbuild ${number}\n`);
  return 0;
}
