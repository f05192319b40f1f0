// What a watcher of a build knows: a pure fold of its events. Every view draws from this and computes nothing itself. A `build` event
// begins a round: all is counted anew, but what the goals' numbers were before stays.
import type { Key } from '../base/digest.ts';
import { unreachable, type Counts, type Event, type GoalFinished, type GoalOutcome, type JobFinished, type JobStarted, type Outcome } from '../engine/events.ts';
import { add, noProgress, type Change, type Progress } from './progress.ts';

export interface Job {
  readonly task: string;
  readonly label: string;
}

export interface RunningJob extends Job {
  readonly part?: string;
  /** Milliseconds of the caller's clock. */
  readonly since: number;
  /** Seconds that it took the last time, where known. */
  readonly expected?: number;
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface EndedJob extends Job {
  readonly key: Key;
  readonly outcome: 'built' | 'failed';
  readonly seconds: number;
}

export type Numbers = Readonly<Record<string, number>>;

export interface GoalView {
  /** Set when its turn has come. */
  readonly since?: number;
  /** Set when it is done. */
  readonly outcome?: GoalOutcome;
  readonly progress: Progress;
  readonly seconds: number;
  readonly written: number;
  readonly numbers?: Numbers;
  /** Of the round before. */
  readonly before?: Numbers;
}

export interface View {
  /** Counts the rounds; 0: none has begun. */
  readonly round: number;
  readonly began: number;
  /** How many jobs may run at once, and what they may take together. */
  readonly jobs: number;
  readonly memoryBytes: number;
  readonly all: Progress;
  /** By task, in the order in which they were first heard of. */
  readonly stages: Readonly<Record<string, Progress>>;
  readonly parts: Readonly<Record<string, Progress>>;
  readonly goals: Readonly<Record<string, GoalView>>;
  /** By key, in the order in which they started. */
  readonly running: ReadonlyMap<Key, RunningJob>;
  /** What ran, the last at the end; of many, the failed ones and the latest. */
  readonly ended: readonly EndedJob[];
  /** The latest lines of the jobs that spoke last. */
  readonly logs: ReadonlyMap<Key, readonly string[]>;
  readonly repaired: number;
  readonly moved: readonly string[];
  readonly faults: readonly string[];
  /** Seconds that the hits took when they ran. */
  readonly saved: number;
  /** Set by the summary, the last event of a round. */
  readonly seconds: number | undefined;
}

export const emptyView: View = {
  round: 0, began: 0, jobs: 0, memoryBytes: 0, all: noProgress, stages: {}, parts: {}, goals: {},
  running: new Map(), ended: [], logs: new Map(), repaired: 0, moved: [], faults: [], saved: 0, seconds: undefined,
};

const endedMax = 400;
const logsMax = 100;
const linesMax = 200;

/** The view after an event that arrived at `now`. */
export function fold(view: View, event: Event, now: number): View {
  switch (event.event) {
    case 'build': {
      const goals = event.goals.map((name): [string, GoalView] => [name, freshGoal(view.goals[name])]);
      return { ...emptyView, round: view.round + 1, began: now, jobs: event.jobs, memoryBytes: event.memoryBytes, goals: Object.fromEntries(goals) };
    }
    case 'begun':
      return withGoal(view, event.goal, (goal) => ({ ...goal, since: now }));
    case 'queued':
      return counted(view, event, { queued: 1, waitingSeconds: event.expected ?? 0 });
    case 'started':
      return started(view, event, now);
    case 'finished':
      return finished(view, event);
    case 'log':
      return { ...view, logs: logged(view.logs, event.key, event.line) };
    case 'repaired':
      return { ...view, repaired: view.repaired + 1 };
    case 'moved':
      return { ...view, moved: [...view.moved, event.path] };
    case 'goal':
      return withGoal(view, event.goal, (goal) => ended(goal, event));
    case 'fault':
      return { ...view, faults: [...view.faults, event.text] };
    case 'summary':
      return Object.entries(event.goals).reduce<View>((last, [name, outcome]) => withGoal(last, name, (goal) => ({ ...goal, outcome })), { ...view, seconds: event.seconds });
    case 'swept':
    case 'changed':
    case 'watching':
      return view;
    default:
      return unreachable(event);
  }
}

/** How often an outcome happened, over all tasks. */
export function total(counts: Readonly<Record<string, Counts>>, outcome: Outcome): number {
  return Object.values(counts).reduce((sum, one) => sum + one[outcome], 0);
}

/** The goal that a job or a part works for. */
export function goalOf({ goals }: Pick<View, 'goals'>, label: string): string | undefined {
  const known = (name: string): boolean => Object.hasOwn(goals, name);
  const word = label.split(' ', 1)[0]!;
  return known(word) ? word : Object.keys(goals).find((name) => label === name || label.startsWith(`${name} `));
}

function started(view: View, { key, task, label, part, cores, memoryBytes, expected }: JobStarted, now: number): View {
  // What it reads was made again, and it starts once more.
  if (view.running.has(key)) return view;
  const job: RunningJob = { task, label, since: now, cores, memoryBytes, ...(part !== undefined && { part }), ...(expected !== undefined && { expected }) };
  const begun = counted(view, job, { queued: -1, running: 1, waitingSeconds: -(expected ?? 0) });
  return { ...begun, running: new Map(view.running).set(key, job) };
}

function finished(view: View, event: JobFinished): View {
  const { key, task, label, outcome, seconds, saved = 0, was } = event;
  const isRunning = view.running.has(key);
  const change: { -readonly [Name in keyof Change]: Change[Name] } = { [outcome]: 1 };
  if (was !== undefined) change[was] = (change[was] ?? 0) - 1;
  if (isRunning) change.running = -1;
  // A hit never waited, and neither did what failed in an earlier round.
  else if (outcome === 'skipped') change.queued = -1;
  return {
    ...counted(view, event, change),
    saved: view.saved + saved,
    running: isRunning ? without(view.running, key) : view.running,
    ended: outcome === 'built' || outcome === 'failed' ? bounded([...view.ended, { key, task, label, outcome, seconds }]) : view.ended,
  };
}

function bounded(jobs: readonly EndedJob[]): readonly EndedJob[] {
  if (jobs.length <= endedMax) return jobs;
  const oldest = Math.max(0, jobs.findIndex(({ outcome }) => outcome !== 'failed'));
  return jobs.toSpliced(oldest, 1);
}

function counted(view: View, { task, label, part }: Job & { readonly part?: string }, change: Change): View {
  const more = (progress: Progress | undefined): Progress => add(progress ?? noProgress, change);
  const counts = { ...view, all: more(view.all), stages: { ...view.stages, [task]: more(view.stages[task]) }, ...(part !== undefined && { parts: { ...view.parts, [part]: more(view.parts[part]) } }) };
  const goal = goalOf(view, label);
  return goal === undefined ? counts : withGoal(counts, goal, (one) => ({ ...one, progress: more(one.progress) }));
}

function logged(logs: View['logs'], key: Key, line: string): View['logs'] {
  const lines = [...(logs.get(key) ?? []), line].slice(-linesMax);
  const others = without(logs, key);
  for (const oldest of others.keys()) {
    if (others.size < logsMax) break;
    others.delete(oldest);
  }
  return others.set(key, lines);
}

function without<Value>(map: ReadonlyMap<Key, Value>, key: Key): Map<Key, Value> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

function freshGoal(last: GoalView | undefined): GoalView {
  const before = last?.numbers ?? last?.before;
  return { progress: noProgress, seconds: 0, written: 0, ...(before && { before }) };
}

function ended(goal: GoalView, { outcome, seconds, written, numbers }: GoalFinished): GoalView {
  const known = numbers ?? (outcome === 'unchanged' ? goal.before : undefined);
  return { ...goal, outcome, seconds, written: written.length, ...(known && { numbers: known }) };
}

function withGoal(view: View, name: string, change: (goal: GoalView) => GoalView): View {
  return { ...view, goals: { ...view.goals, [name]: change(view.goals[name] ?? freshGoal(undefined)) } };
}
