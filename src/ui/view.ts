// What a watcher of a build knows: a pure fold of its events. Every view draws from this and computes nothing itself.
import { tallied, unreachable, type Event, type GoalOutcome, type Outcome, type Tally } from '../engine/events.ts';

export interface RunningJob {
  readonly task: string;
  readonly label: string;
  /** Milliseconds of the caller's clock. */
  readonly since: number;
}

export interface View {
  readonly tally: Tally;
  /** By key, in the order in which they started. */
  readonly running: ReadonlyMap<string, RunningJob>;
  readonly goals: Readonly<Record<string, GoalOutcome>>;
  readonly repaired: number;
  readonly moved: readonly string[];
  readonly faults: readonly string[];
  /** Set by the summary, the last event. */
  readonly seconds: number | undefined;
}

export const emptyView: View = { tally: {}, running: new Map(), goals: {}, repaired: 0, moved: [], faults: [], seconds: undefined };

/** The view after an event that arrived at `now`. */
export function fold(view: View, event: Event, now: number): View {
  switch (event.event) {
    case 'started':
      return { ...view, running: new Map([...view.running, [event.key, { task: event.task, label: event.label, since: now }]]) };
    case 'finished': {
      const tally = tallied(view.tally, event);
      if (!view.running.has(event.key)) return { ...view, tally };
      return { ...view, tally, running: new Map([...view.running].filter(([key]) => key !== event.key)) };
    }
    case 'repaired':
      return { ...view, repaired: view.repaired + 1 };
    case 'moved':
      return { ...view, moved: [...view.moved, event.path] };
    case 'goal':
      return { ...view, goals: { ...view.goals, [event.goal]: event.outcome } };
    case 'fault':
      return { ...view, faults: [...view.faults, event.text] };
    case 'summary':
      return { ...view, seconds: event.seconds, goals: event.goals };
    case 'build':
    case 'begun':
    case 'queued':
    case 'log':
    case 'swept':
    case 'changed':
    case 'watching':
      return view;
    default:
      return unreachable(event);
  }
}

/** How often an outcome happened, over all tasks. */
export function total(tally: Tally, outcome: Outcome): number {
  return Object.values(tally).reduce((count, counts) => count + counts[outcome], 0);
}
