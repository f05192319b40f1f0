// Builds goals one after the other in one engine. Whatever happens is told as events, the summary last.
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { tasks } from '../../tasks/index.ts';
import { preflight } from '../../tasks/preflight.ts';
import { Fault, Faults } from '../base/fault.ts';
import type { Event, Exit, GoalOutcome, Tally } from '../engine/events.ts';
import { exitOf, faultOf } from '../engine/exit.ts';
import { isUnchanged, writeGoal, type GoalRecord } from '../engine/goal.ts';
import { checkWritable } from '../engine/outputs.ts';
import { inProcess } from '../engine/executor.ts';
import { pastAfter, readPast, writePast } from '../engine/past.ts';
import { startBuild, type RunningBuild } from '../engine/start.ts';
import { isJobOf } from '../../tasks/goal.ts';
import { buildGoal, outputPaths, pastName, recordOf } from './build-goal.ts';
import { commandPath, nameOf, type Asked } from './build.ts';
import { goalsOf, type Goal } from './goals.ts';
import { locate } from './locate.ts';
import type { OpenView } from './view.ts';
import type { Workers } from './workers.ts';

export async function buildGoals(asked: Asked, view: OpenView, workers: Workers): Promise<Exit> {
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const progress: Progress = { outcomes: {}, tally: {}, exit: 0 };
  try {
    await buildWith(asked, { ...workers, signal: abort.signal, see: (event) => view.see(event), progress });
  } catch (error) {
    const fault = faultOf(error);
    if (fault !== undefined) view.see(fault);
    progress.exit = exitOf(error);
  }
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  view.see({ event: 'summary', goals: progress.outcomes, tasks: progress.tally, seconds: (Date.now() - asked.began) / 1000 });
  view.close();
  await workers.pool.close();
  return progress.exit;
}

/** How far a command has come. */
interface Progress {
  outcomes: Record<string, GoalOutcome>;
  tally: Tally;
  exit: Exit;
}

interface Means extends Workers {
  readonly signal: AbortSignal;
  see(event: Event): void;
  readonly progress: Progress;
}

async function buildWith(asked: Asked, { pool, jobs, signal, see, progress }: Means): Promise<void> {
  const { cache, workspace, tool } = asked;
  const goals = goalsOf(asked);
  checkWritable(goals.flatMap(outputPaths));
  const store = await openLmdbStore({ folder: cache });
  pool.warm();
  try {
    see({ event: 'build', workspace, goals: goals.map((goal) => goal.name), jobs });
    let current: Goal | undefined;
    const build = startBuild({
      store, code: tool, executor: pool, light: inProcess({ store, tasks }), sweeps: isSweepDue(cache), workspace, emit: see, signal,
      locate: (place) => (current === undefined ? place : locate(place, current)),
    });
    try {
      const records = await buildAll(goals, { build, asked, see, progress, turnTo: (goal) => (current = goal) });
      if (records.length === goals.length) writeGoal(commandPath(asked), together(asked, records));
    } finally {
      await build.close();
      progress.tally = build.tally();
      remember(goals, { build, asked, outcomes: progress.outcomes });
    }
  } finally {
    await store.close();
  }
}

/** What each goal's build asked for: `why` and `plan` look there. */
function remember(goals: readonly Goal[], { build, asked, outcomes }: { build: RunningBuild; asked: Asked; outcomes: Progress['outcomes'] }): void {
  const { jobs, sources } = build.asked();
  for (const goal of goals) {
    const own = jobs.filter(({ label }) => isJobOf(goal, label));
    if (own.length === 0) continue;
    const name = pastName(goal, asked);
    writePast(asked.cache, pastAfter(readPast(asked.cache, name), name, { at: asked.began, complete: outcomes[goal.name] === 'built', jobs: own, sources }));
  }
}

interface Round {
  readonly build: RunningBuild;
  readonly asked: Asked;
  see(event: Event): void;
  readonly progress: Progress;
  turnTo(goal: Goal): void;
}

/** The records of all goals that are now as they should be. */
async function buildAll(goals: readonly Goal[], { build, asked, see, progress, turnTo }: Round): Promise<readonly GoalRecord[]> {
  const records = new Map(goals.map((goal) => [goal.name, recordOf(goal, asked)]));
  const due = goals.filter((goal) => {
    const record = records.get(goal.name);
    return record === undefined || !isUnchanged(record, asked.circumstances);
  });
  for (const { name } of goals) progress.outcomes[name] = 'skipped';

  const attempt = async (goal: Goal, act: () => Promise<unknown>): Promise<void> => {
    const started = Date.now();
    turnTo(goal);
    try {
      await act();
    } catch (error) {
      tell(error, { goal, see });
      const exit = exitOf(error);
      if (progress.exit === 0) progress.exit = exit;
      end(goal, exit === 130 ? 'interrupted' : 'failed', { started });
    }
  };
  const end = ({ name }: Goal, outcome: GoalOutcome, { started, written = [] }: { started: number; written?: readonly string[] }): void => {
    progress.outcomes[name] = outcome;
    see({ event: 'goal', goal: name, outcome, written, seconds: (Date.now() - started) / 1000 });
  };

  // What can be known of any goal is said before the first does something slow.
  for (const goal of due) await attempt(goal, () => preflight(build, goal));
  for (const goal of goals) {
    if (progress.exit !== 0) break;
    const started = Date.now();
    if (!due.includes(goal)) end(goal, 'unchanged', { started });
    else {
      await attempt(goal, async () => {
        const { written, record } = await buildGoal(build, goal, asked);
        records.set(goal.name, record);
        end(goal, 'built', { started, written });
      });
    }
  }
  return progress.exit !== 0 ? [] : [...records.values()].flatMap((record) => record ?? []);
}

/** What went wrong, each fault at the user's line; a failed job is told of already. */
function tell(error: unknown, { goal, see }: { goal: Goal; see: (event: Event) => void }): void {
  const faults = error instanceof Faults ? error.faults : error instanceof Fault ? [error] : undefined;
  const located = faults?.map(({ parts }) => new Fault({ ...parts, ...(parts.place && { place: locate(parts.place, goal) }) }));
  for (const told of located ?? [error]) {
    const fault = faultOf(told);
    if (fault !== undefined) see(fault);
  }
}

/** One record for the whole command. */
function together({ circumstances }: Asked, records: readonly GoalRecord[]): GoalRecord {
  return {
    ...circumstances,
    goal: nameOf(records.map((record) => record.goal)),
    sources: Object.fromEntries(records.flatMap((record) => Object.entries(record.sources))),
    outputs: Object.fromEntries(records.flatMap((record) => Object.entries(record.outputs))),
  };
}

const sweepEveryMs = 10 * 60_000;

/** Not after every edit of an afternoon: the sweep reads the whole index. The mark's own time says when the last one was. */
function isSweepDue(cache: string): boolean {
  const mark = join(cache, 'v1', 'swept');
  const last = statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Math.abs(Date.now() - last) < sweepEveryMs) return false;
  writeFileSync(mark, '');
  return true;
}
