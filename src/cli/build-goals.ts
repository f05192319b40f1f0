// `axbuild build`, when something may have changed: one round, then the end.
import { resolve } from 'node:path';
import type { Exit, GoalOutcome, Tally } from '../engine/events.ts';
import { exitOf, faultOf } from '../engine/exit.ts';
import { checkWritable } from '../engine/outputs.ts';
import { outputPaths } from './build-goal.ts';
import type { Asked } from './ask.ts';
import { goalsOf } from './goals.ts';
import { runRound } from './round.ts';
import { writeTrace } from './trace.ts';
import type { OpenView } from './view.ts';
import type { Workers } from './workers.ts';
import { openWorkshop } from './workshop.ts';

export async function buildGoals(asked: Asked, view: OpenView, workers: Workers): Promise<Exit> {
  const { began } = asked;
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  view.obey({ cancel: interrupt, quit: interrupt });
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let end: { readonly exit: Exit; readonly outcomes: Readonly<Record<string, GoalOutcome>>; readonly tally: Tally };
  try {
    const goals = goalsOf(asked);
    const trace = asked.given.options['trace'];
    checkWritable([...goals.flatMap(outputPaths), ...(trace === undefined ? [] : [resolve(trace)])]);
    const workshop = await openWorkshop(asked, workers);
    try {
      const round = await runRound(workshop, { goals, began, signal: abort.signal, see: (event) => view.see(event), keepGoing: 'keep-going' in asked.given.options });
      if (trace !== undefined) writeTrace(trace, round, began);
      end = round;
    } finally {
      await workshop.close();
    }
  } catch (error) {
    const fault = faultOf(error);
    if (fault !== undefined) view.see(fault);
    end = { exit: exitOf(error), outcomes: {}, tally: {} };
  }
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  view.see({ event: 'summary', goals: end.outcomes, tasks: end.tally, seconds: (Date.now() - began) / 1000 });
  await view.close();
  await workers.pool.close();
  return end.exit;
}
