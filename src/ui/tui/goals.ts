// The goals: what became of each, or how far it is, and its numbers, beside those of the round before where they moved.
import type { GoalOutcome } from '../../engine/events.ts';
import { numberOf, secondsOf } from '../amounts.ts';
import { doneOf, knownOf } from '../progress.ts';
import type { GoalView, View } from '../view.ts';
import { more, panel, type Size } from './panel.ts';
import { styled, styleOf, type Row } from './row.ts';
import { barOf, fitted, windowOf } from './text.ts';

export function goals(view: View, size: Size): readonly Row[] {
  const all = Object.entries(view.goals);
  const active = all.findIndex(([, goal]) => goal.outcome === undefined && goal.since !== undefined);
  const seen = windowOf(all, size.rows - 1, active === -1 ? 0 : active);
  const wide = Math.min(Math.max(4, ...all.map(([name]) => name.length)), Math.floor(size.columns / 3));
  const rows = seen.items.map(([name, goal]): Row => {
    const state = stateOf(goal);
    return [`  ${fitted(name, wide)}  `, styled(state.padEnd(11), styleOf[state]), `  ${detailOf(goal)}`];
  });
  return panel(all.length === 1 ? 'goal' : `${all.length} goals`, size, [...rows, ...more(seen.more)]);
}

export function stateOf({ outcome, since }: GoalView): GoalOutcome | 'waiting' | 'building' {
  return outcome ?? (since === undefined ? 'waiting' : 'building');
}

function detailOf({ outcome, since, progress, seconds, numbers = {}, before = {} }: GoalView): string {
  const done = `${doneOf(progress)}/${knownOf(progress)}`;
  if (outcome === undefined) return since === undefined ? '' : `${barOf(doneOf(progress) / Math.max(1, knownOf(progress)), 16)}  ${done}`;
  const moved = (name: string): boolean => before[name] !== undefined && before[name] !== numbers[name];
  const figures = Object.entries(numbers).map(([name, value]) => ({ name, text: `${name} ${moved(name) ? `${numberOf(name, before[name]!)} → ` : ''}${numberOf(name, value)}` }));
  // Those first that there is a reason to look at: a narrow screen may have no room for all.
  const ordered = [...figures.filter(({ name }) => moved(name)), ...figures.filter(({ name }) => !moved(name))];
  return [secondsOf(seconds), ...ordered.map(({ text }) => text)].join('  ');
}
