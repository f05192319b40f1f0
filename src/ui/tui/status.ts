// The head of the screen: what is going on, how far it is, what it takes. And its foot: the keys.
import { secondsOf } from '../amounts.ts';
import { doneOf, inUse, knownOf, timeLeft } from '../progress.ts';
import type { View } from '../view.ts';
import { leftOf, memoryOf, shortTime } from './amounts.ts';
import { stateOf } from './goals.ts';
import { keyTable, type Heard, type ScreenState } from './keys.ts';
import { styled, type Row } from './row.ts';
import { barOf, fitted, shortened } from './text.ts';

export interface HeadGiven {
  readonly view: View;
  readonly state: ScreenState;
  readonly now: number;
  readonly columns: number;
}

export const headRows = 3;

export function head({ view, state, now, columns }: HeadGiven): readonly Row[] {
  const { all, saved, jobs, memoryBytes } = view;
  const [done, known] = [doneOf(all), knownOf(all)];
  const time = view.round === 0 ? '' : view.seconds === undefined ? `${shortTime((now - view.began) / 1000)}${leftOf(timeLeft(view, now))}` : secondsOf(view.seconds);
  const counts = `  ${done}/${known} jobs`;
  const { cores, memoryBytes: used } = inUse(view);
  const taken = view.round === 0 ? '' : `  cores ${cores} of ${jobs}  memory ${memoryOf(used, memoryBytes)}`;
  return [
    [styled('axbuild', 'bold'), `  ${fitted(doing(view, state), columns - 11 - time.length)}  ${time}`],
    [styled(barOf(known === 0 ? 0 : done / known, columns - Math.max(18, counts.length)), 'green'), counts],
    [`hit ${all.hit}  built ${all.built}  `, styled(`failed ${all.failed}`, ...(all.failed > 0 ? (['bold', 'red'] as const) : [])), `  saved ${shortTime(saved)}${taken}`],
  ];
}

/** What is going on, in words. */
function doing({ goals, seconds, round, faults }: View, { isCancelled }: ScreenState): string {
  if (round === 0) return faults.length > 0 ? 'waiting: nothing can be built' : 'starting';
  if (seconds === undefined && isCancelled) return 'cancelling';
  const states = Object.entries(goals).map(([name, goal]) => ({ name, state: stateOf(goal) }));
  const building = states.filter(({ state }) => state === 'building').map(({ name }) => name);
  if (seconds === undefined) return building.length === 0 ? 'looking at what changed' : `building ${building.join(', ')}`;
  const outcomes = [...new Set(states.map(({ state }) => state))];
  return outcomes.map((outcome) => `${states.filter(({ state }) => state === outcome).length} ${outcome}`).join(', ');
}

export function foot(state: ScreenState, heard: Heard, columns: number): Row {
  const keys = keyTable.filter(({ wish }) => wish === undefined || heard[wish]).map(({ name, about }) => `${name} ${/^\w+/.exec(about)![0]}`);
  const text = state.panel === 'overview' ? keys.filter((_, i) => i > 1).join('   ') : 'esc back   ↑ k  ↓ j  scroll';
  return [styled(shortened(text, columns), 'dim')];
}
