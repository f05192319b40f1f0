// `axbuild build`: decides by stats whether anything changed; if so, builds the goals and publishes what came out.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { goalPath, isUnchanged, readGoal, type Circumstances } from '../engine/goal.ts';
import type { Event, GoalOutcome } from '../engine/events.ts';
import type { Arguments } from './arguments.ts';
import { openView } from './view.ts';

export interface Tool {
  /** Digest of all of axbuild's own code, and of its parts. */
  readonly whole: string;
  readonly tasks: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, string>>;
}

/** What a build command was asked for, before any file of the user's was read. */
export interface Asked {
  readonly given: Arguments;
  readonly workspace: string;
  readonly cache: string;
  readonly manifest: string;
  readonly circumstances: Circumstances;
  readonly tool: Tool;
  readonly home: string;
}

export async function build(given: Arguments, home: string): Promise<number> {
  const began = Date.now();
  const asked = ask(given, home);
  const view = openView(given.options['log-format'] === 'json' ? 'json' : 'plain');
  const record = readGoal(commandPath(asked));
  if (record !== undefined && isUnchanged(record, asked.circumstances)) {
    const names = record.goal.split(' ');
    for (const event of unchanged(names, (Date.now() - began) / 1000)) view.see(event);
    return 0;
  }
  const { buildGoals } = await import('./build-goals.ts');
  return buildGoals(asked, view, began);
}

/** Where the record of this command's last success lies: the same words find it again. */
export function commandPath({ cache, workspace, given }: Asked): string {
  const { words, flags } = given;
  return goalPath({ cache, workspace, goal: `command ${JSON.stringify([words, flags, given.options['config'] ?? '', given.options['target'] ?? ''])}` });
}

function ask(given: Arguments, home: string): Asked {
  const workspace = resolve(given.options['workspace'] ?? '.');
  const cache = resolve(given.options['cache'] ?? join(workspace, '.axbuild/cache'));
  // Written by scripts/build-code.ts beside this bundle.
  const tool = JSON.parse(readFileSync(join(home, 'code.json'), 'utf8')) as Tool;
  const circumstances = {
    code: tool.whole as Circumstances['code'],
    versions: { node: process.version },
    command: [JSON.stringify(given.flags)],
    environment: {},
  };
  return { given, workspace, cache, manifest: manifestOf(workspace), circumstances, tool, home };
}

/** The manifest as the user would name it. */
function manifestOf(workspace: string): string {
  const names = ['axbuild.yaml', 'axbuild.yml', 'axbuild.json'];
  const found = names.map((name) => join(workspace, name)).find((path) => existsSync(path)) ?? join(workspace, names[0]!);
  const short = relative(process.cwd(), found);
  return short === '' ? basename(found) : short.startsWith('..') ? found : short;
}

function* unchanged(goals: readonly string[], seconds: number): Iterable<Event> {
  for (const goal of goals) yield { event: 'goal', goal, outcome: 'unchanged', written: [], seconds };
  yield { event: 'summary', goals: Object.fromEntries(goals.map((goal): [string, GoalOutcome] => [goal, 'unchanged'])), tasks: {}, seconds };
}
