#!/usr/bin/env node
// The command line's entry: which command, and what its end means as an exit code. Each command loads only what it needs.
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault, Faults } from '../base/fault.ts';
import { parseArguments, type Arguments } from './arguments.ts';

/** Where the built files are: this bundle's own folder, or dist/ beside the sources. */
const here = dirname(fileURLToPath(import.meta.url));
export const home = basename(here) === 'dist' ? here : join(here, '../../dist');

export type RunCommand = (given: Arguments, home: string) => Promise<number>;

const run: Readonly<Record<string, () => Promise<RunCommand>>> = {
  build: async () => (await import('./build.ts')).build,
  run: async () => (await import('./run.ts')).run,
  help: async () => (await import('./show.ts')).help,
  version: async () => (await import('./show.ts')).version,
};

try {
  const given = parseArguments(process.argv.slice(2));
  const name = given.wantsHelp ? 'help' : given.command.name;
  const command = await run[name]!();
  process.exitCode = await command(given, home);
} catch (error) {
  process.exitCode = report(error);
}

/** Faults are the user's to mend; anything else is ours. */
function report(error: unknown): number {
  if (error instanceof Fault || error instanceof Faults) {
    console.error(error.message);
    return error.exit;
  }
  console.error(error instanceof Error ? error.stack : error);
  console.error('   this is a bug in axbuild; please report it with the lines above');
  return 70;
}
