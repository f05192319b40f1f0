// `axbuild help` and `axbuild version`.
import { Fault, nearest } from '../base/fault.ts';
import { tableLines } from '../ui/table.ts';
import type { Arguments } from './arguments.ts';
import { runtimeVersion, toolAt } from './ask.ts';
import { commands } from './commands.ts';
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
  const { version: number, whole } = toolAt(home);
  process.stdout.write(`${[`axbuild ${number}`, ...tableLines([['code', whole], ['node', process.version], ['onnxruntime-node', runtimeVersion(home)]])].join('\n')}\n`);
  return 0;
}
