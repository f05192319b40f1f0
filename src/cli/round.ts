// One round: goals brought up to date in one build, side by side. Whatever happens is told as events, the summary last.
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJobOf } from '../../tasks/goal.ts';
import { tasks } from '../../tasks/index.ts';
import { preflight } from '../../tasks/preflight.ts';
import { Fault, Faults, type FaultParts } from '../base/fault.ts';
import type { Key } from '../base/digest.ts';
import { JobFailed } from '../engine/build.ts';
import { settingsOf } from '../config/index.ts';
import type { Event, Exit, GoalOutcome, Tally } from '../engine/events.ts';
import { inProcess } from '../engine/executor.ts';
import { exitOf, faultOf } from '../engine/exit.ts';
import { isUnchanged, writeGoal, type GoalRecord } from '../engine/goal.ts';
import { pastAfter, readPast, writePast } from '../engine/past.ts';
import { startBuild, type RunningBuild } from '../engine/start.ts';
import type { Timeline } from '../engine/timeline.ts';
import type { Asked } from './ask.ts';
import { buildGoal, pastName, recordOf, type Made } from './build-goal.ts';
import { commandPath, nameOf } from './command-record.ts';
import type { Goal } from './goals.ts';
import { locate } from './locate.ts';
import type { Workshop } from './workshop.ts';

export interface RoundOptions {
  readonly goals: readonly Goal[];
  /** Milliseconds of the clock. */
  readonly began: number;
  see(event: Event): void;
  /** Aborting it kills what runs. */
  readonly signal: AbortSignal;
  /** Aborting it hands over to another round: what runs is finished if nobody else needs its place. */
  readonly takeover?: AbortSignal;
  /** Jobs that failed in earlier rounds: not tried again. Failures of this round are added. */
  readonly failures?: Map<Key, readonly FaultParts[]>;
  readonly keepGoing?: boolean;
}

export interface Round {
  readonly exit: Exit;
  readonly outcomes: Readonly<Record<string, GoalOutcome>>;
  readonly tally: Tally;
  /** Files that were opened, by absolute path: read by the goals' jobs. */
  readonly sources: readonly string[];
  /** Of the jobs of all goals. */
  timeline(): Timeline;
}

export async function runRound(workshop: Workshop, options: RoundOptions): Promise<Round> {
  const { store, pool, unpublished } = workshop;
  // Whether a configuration was still being edited is judged by when this round read it.
  const asked = { ...workshop.asked, began: options.began };
  const { goals, signal, takeover, failures, keepGoing = false } = options;
  const progress: Progress = { outcomes: Object.fromEntries(goals.map(({ name }) => [name, 'skipped'])), exit: 0 };
  const see = (event: Event): void => {
    // The first fault decides how the round ends.
    if (event.event === 'fault' && progress.exit === 0) progress.exit = event.exit;
    options.see(event);
  };
  see({ event: 'build', workspace: asked.workspace, goals: goals.map((goal) => goal.name), jobs: pool.jobs, memoryBytes: pool.memoryBytes });
  const goalOf = (label: string): Goal | undefined => goals.find((goal) => isJobOf(goal, label));
  const build = startBuild({
    store, unpublished, code: asked.tool, executor: pool.client(), light: inProcess({ store, tasks }), sweeps: isSweepDue(asked.cache), workspace: asked.workspace, command: process.argv.slice(2), emit: see, signal, keepGoing,
    ...(failures && { failures }),
    locate(place, label) {
      const goal = goalOf(label);
      return goal === undefined ? place : locate(place, goal);
    },
  });
  takeover?.addEventListener('abort', build.leave);
  try {
    const records = await buildAll(goals, { build, asked, see, progress, keepGoing, lanes: pool.jobs + 1 });
    if (records.length === goals.length) writeGoal(commandPath(asked), together(asked, records));
  } finally {
    takeover?.removeEventListener('abort', build.leave);
    await build.close();
    // What came of a round that was left, the one that took over has told already, or looks for in the store.
    if (takeover?.aborted !== true) remember(goals, { build, asked, began: options.began, outcomes: progress.outcomes });
  }
  return { ...progress, tally: build.tally(), sources: Object.keys(build.asked().sources), timeline: () => build.timeline() };
}

/** How far a round has come. */
interface Progress {
  outcomes: Record<string, GoalOutcome>;
  exit: Exit;
}

interface Means {
  readonly build: RunningBuild;
  readonly asked: Asked;
  see(event: Event): void;
  readonly progress: Progress;
  readonly keepGoing: boolean;
  /** How many goals are under way at a time: enough to keep every core busy, few enough that the first are done early. */
  readonly lanes: number;
}

/** The records of all goals that are now as they should be. */
async function buildAll(goals: readonly Goal[], { build, asked, see, progress, keepGoing, lanes }: Means): Promise<readonly GoalRecord[]> {
  const records = new Map(goals.map((goal) => [goal.name, recordOf(goal, asked)]));
  const due = goals.filter((goal) => {
    const record = records.get(goal.name);
    return record === undefined || !isUnchanged(record, { ...asked.circumstances, environment: goal.environment });
  });
  const isOver = (): boolean => build.isOver() || (progress.exit !== 0 && !keepGoing);

  const attempt = async (goal: Goal, act: () => Promise<unknown>): Promise<boolean> => {
    const started = Date.now();
    try {
      await act();
      return true;
    } catch (error) {
      tell(error, { goal, see });
      const outcome = outcomeOf(error, goal, build);
      if (outcome === 'interrupted' && progress.exit === 0) progress.exit = 130;
      end(goal, outcome, { started });
      return false;
    }
  };
  const end = ({ name, effective }: Goal, outcome: GoalOutcome, { started, made }: { started: number; made?: Made }): void => {
    progress.outcomes[name] = outcome;
    const seconds = (Date.now() - started) / 1000;
    build.note({ goal: name, outcome, seconds, settings: settingsOf(effective), ...(made && { numbers: made.numbers, outputs: made.outputs }) });
    see({ event: 'goal', goal: name, outcome, written: made?.written ?? [], seconds, ...(made && { numbers: made.numbers }) });
  };

  // What can be known of any goal is said before the first does something slow.
  const sound = new Set<Goal>();
  for (const goal of due) if (await attempt(goal, () => preflight(build, goal))) sound.add(goal);
  const bring = async (goal: Goal): Promise<void> => {
    const started = Date.now();
    if (!due.includes(goal)) end(goal, 'unchanged', { started });
    else if (sound.has(goal)) {
      see({ event: 'begun', goal: goal.name });
      await attempt(goal, async () => {
        const made = await buildGoal(build, goal, asked);
        records.set(goal.name, made.record);
        end(goal, 'built', { started, made });
      });
    }
  };
  const coming = [...goals];
  const lane = async (): Promise<void> => {
    while (!isOver()) {
      const goal = coming.shift();
      if (goal === undefined) return;
      await bring(goal);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return progress.exit !== 0 ? [] : [...records.values()].flatMap((record) => record ?? []);
}

/** A goal that was stopped because of another is skipped, even if it had begun. */
function outcomeOf(error: unknown, goal: Goal, build: RunningBuild): GoalOutcome {
  if (exitOf(error) === 130) return 'interrupted';
  const isOwn = (): boolean => build.asked().jobs.some(({ label, outcome }) => outcome === 'failed' && isJobOf(goal, label));
  return error instanceof JobFailed && error.outcome === 'skipped' && !isOwn() ? 'skipped' : 'failed';
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

/** What each goal's build asked for: `why` and `plan` look there. */
function remember(goals: readonly Goal[], { build, asked, began, outcomes }: { build: RunningBuild; asked: Asked; began: number; outcomes: Progress['outcomes'] }): void {
  const { jobs, sources } = build.asked();
  for (const goal of goals) {
    const own = jobs.filter(({ label }) => isJobOf(goal, label));
    if (own.length === 0) continue;
    const name = pastName(goal, asked);
    writePast(asked.cache, pastAfter(readPast(asked.cache, name), name, { at: began, complete: outcomes[goal.name] === 'built', jobs: own, sources }));
  }
}

/** One record for the whole command. */
function together({ circumstances }: Asked, records: readonly GoalRecord[]): GoalRecord {
  return {
    ...circumstances,
    environment: Object.fromEntries(records.flatMap((record) => Object.entries(record.environment))),
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
