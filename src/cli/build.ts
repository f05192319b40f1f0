// `axbuild build`: decides by stats whether anything changed; only if so, loads what builds.
import { isUnchanged, readGoal } from '../engine/goal.ts';
import type { Exit, GoalOutcome } from '../engine/events.ts';
import type { Arguments } from './arguments.ts';
import { ask, circumstancesFor, type Asked } from './ask.ts';
import { commandPath, namesOf } from './command-record.ts';
import { openView, type OpenView } from './view.ts';

export async function build(given: Arguments, home: string): Promise<Exit> {
  const asked = ask(given, home);
  const view = openView(given.options['log-format']);
  const record = readGoal(commandPath(asked));
  // Who wants a trace gets one, be it of nothing.
  if (record === undefined || 'trace' in given.options || !isUnchanged(record, circumstancesFor(asked, Object.keys(record.environment)))) {
    const workers = (await import('./workers.ts')).startWorkers(asked);
    return (await import('./build-goals.ts')).buildGoals(asked, view, workers);
  }
  await sayUnchanged(namesOf(record.goal), asked, view);
  return 0;
}

async function sayUnchanged(goals: readonly string[], { began }: Asked, view: OpenView): Promise<void> {
  const seconds = (Date.now() - began) / 1000;
  for (const goal of goals) view.see({ event: 'goal', goal, outcome: 'unchanged', written: [], seconds });
  view.see({ event: 'summary', goals: Object.fromEntries(goals.map((goal): [string, GoalOutcome] => [goal, 'unchanged'])), tasks: {}, seconds });
  await view.close();
}
