// What keys do: a function from a state of the screen to the next.
import type { Key } from '../../base/digest.ts';
import { filters, indexOf, type Filter, type ListedJob } from './list.ts';

/** What fills the screen: the overview, or one thing alone. */
export type Panel = 'overview' | 'log' | 'why' | 'help';

export interface ScreenState {
  readonly panel: Panel;
  readonly filter: Filter;
  /** The job under the cursor; undefined: the first listed, whichever it is. */
  readonly cursor?: Key;
  /** Lines from the end of a log, or from the beginning of an answer. */
  readonly scroll: number;
  /** The answer to `w`, once it is there. */
  readonly answer?: string;
  readonly isCancelled: boolean;
}

export const firstState: ScreenState = { panel: 'overview', filter: 'all', scroll: 0, isCancelled: false };

/** What only whoever opened the screen can do. */
export type Wish = 'cancel' | 'rebuild' | 'quit' | 'why';

/** Wishes that will be heard. */
export type Heard = Readonly<Record<Wish, boolean>>;

export interface KeyRow {
  readonly keys: readonly string[];
  readonly name: string;
  readonly about: string;
  readonly wish?: Wish;
}

export const keyTable: readonly KeyRow[] = [
  { keys: ['up', 'k'], name: '↑ k', about: 'the job above; in a log: back' },
  { keys: ['down', 'j'], name: '↓ j', about: 'the job below; in a log: on' },
  { keys: ['f'], name: 'f', about: 'filter: all jobs, running, failed, built' },
  { keys: ['l', 'return'], name: 'l', about: 'log of the job under the cursor' },
  { keys: ['w'], name: 'w', about: 'why that job ran', wish: 'why' },
  { keys: ['c'], name: 'c', about: 'cancel the build', wish: 'cancel' },
  { keys: ['r'], name: 'r', about: 'rebuild, what failed too', wish: 'rebuild' },
  { keys: ['q', 'ctrl+c'], name: 'q', about: 'quit, and cancel what runs', wish: 'quit' },
  { keys: ['?', 'h'], name: '?', about: 'help: this page' },
];

export interface Pressed {
  readonly state: ScreenState;
  readonly wish?: Wish;
}

export function press(state: ScreenState, key: string, jobs: readonly ListedJob[], heard: Heard): Pressed {
  const row = keyTable.find(({ keys }) => keys.includes(key));
  if (row?.wish !== undefined) return wished(state, row.wish, { job: jobs[indexOf(jobs, state.cursor)], heard });
  if (key === 'escape') return { state: overview(state) };
  switch (row?.keys[0]) {
    case 'up':
      return { state: moved(state, -1, jobs) };
    case 'down':
      return { state: moved(state, 1, jobs) };
    case 'f':
      return { state: { ...overview(state), filter: filters[(filters.indexOf(state.filter) + 1) % filters.length]! } };
    case 'l':
      return { state: { ...toggled(state, 'log'), ...pinned(state, jobs) } };
    case '?':
      return { state: toggled(state, 'help') };
    default:
      return { state };
  }
}

function wished(state: ScreenState, wish: Wish, { job, heard }: { job: ListedJob | undefined; heard: Heard }): Pressed {
  if (!heard[wish]) return { state };
  if (wish !== 'why') return { state: { ...state, isCancelled: wish !== 'rebuild' }, wish };
  if (state.panel === 'why') return { state: overview(state) };
  return job === undefined ? { state } : { state: { ...toggled(state, 'why'), cursor: job.key }, wish };
}

/** The cursor stays with its job from now on. */
function pinned({ cursor }: ScreenState, jobs: readonly ListedJob[]): Pick<ScreenState, 'cursor'> {
  const job = jobs[indexOf(jobs, cursor)];
  return job === undefined ? {} : { cursor: job.key };
}

function moved(state: ScreenState, step: number, jobs: readonly ListedJob[]): ScreenState {
  if (state.panel !== 'overview') return { ...state, scroll: Math.max(0, state.scroll + (state.panel === 'log' ? -step : step)) };
  const next = jobs[Math.min(jobs.length - 1, Math.max(0, indexOf(jobs, state.cursor) + step))];
  return next === undefined ? state : { ...state, cursor: next.key };
}

function toggled(state: ScreenState, panel: Panel): ScreenState {
  return state.panel === panel ? overview(state) : { ...overview(state), panel };
}

function overview({ answer: _, ...state }: ScreenState): ScreenState {
  return { ...state, panel: 'overview', scroll: 0 };
}
