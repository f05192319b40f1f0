#!/usr/bin/env node
// The command line's entry: which command, and what its end means as an exit code. Each command loads only what it needs.
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Exit } from '../engine/events.ts';
import { exitOf, faultOf } from '../engine/exit.ts';
import { parseArguments, type Arguments } from './arguments.ts';

export type RunCommand = (given: Arguments, home: string) => Promise<Exit>;

/** Where the built files are: this bundle's own folder, or dist/ beside the sources. */
const here = dirname(fileURLToPath(import.meta.url));
const home = basename(here) === 'dist' ? here : join(here, '../../dist');

const run: Readonly<Record<string, () => Promise<RunCommand>>> = {
  build: async () => (await import('./build.ts')).build,
  watch: async () => (await import('./watch.ts')).watch,
  run: async () => (await import('./run.ts')).run,
  plan: async () => (await import('./plan.ts')).plan,
  why: async () => (await import('./why.ts')).why,
  history: async () => (await import('./history.ts')).history,
  diff: async () => (await import('./diff.ts')).diff,
  graph: async () => (await import('./graph.ts')).graph,
  inspect: async () => (await import('./inspect.ts')).inspect,
  cache: async () => (await import('./cache.ts')).cache,
  targets: async () => (await import('./targets.ts')).targets,
  doctor: async () => (await import('./doctor.ts')).doctor,
  init: async () => (await import('./init.ts')).init,
  schema: async () => (await import('./schema.ts')).schema,
  completion: async () => (await import('./completion.ts')).completion,
  help: async () => (await import('./show.ts')).help,
  version: async () => (await import('./show.ts')).version,
};

// Whoever reads may stop reading (`axbuild build | head`); the build goes on.
process.stdout.on('error', (error: Error & { code?: string }) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  const given = parseArguments(process.argv.slice(2));
  const command = await run[given.wantsHelp ? 'help' : given.command.name]!();
  process.exitCode = await command(given, home);
} catch (error) {
  console.error(faultOf(error)?.text ?? '');
  process.exitCode = exitOf(error);
}
