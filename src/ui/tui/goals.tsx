// The goals: what became of each, or how far it is, and its numbers, beside those of the round before where they moved.
import { Text } from 'ink';
import type { ReactNode } from 'react';
import { numberOf, secondsOf } from '../amounts.ts';
import { doneOf, knownOf } from '../progress.ts';
import type { GoalView, View } from '../view.ts';
import { colourOf } from './colours.ts';
import { More, Panel, Row, type Size } from './panel.tsx';
import { barOf, fitted, windowOf } from './text.ts';

export function Goals({ view, size }: { readonly view: View; readonly size: Size }): ReactNode {
  const goals = Object.entries(view.goals);
  const active = goals.findIndex(([, goal]) => goal.outcome === undefined && goal.since !== undefined);
  const { items, more } = windowOf(goals, size.rows - 1, active === -1 ? 0 : active);
  const wide = Math.min(Math.max(4, ...goals.map(([name]) => name.length)), Math.floor(size.columns / 3));
  return (
    <Panel title={goals.length === 1 ? 'goal' : `${goals.length} goals`} size={size}>
      {items.map(([name, goal]) => {
        const state = stateOf(goal);
        return <Row key={name}>{`  ${fitted(name, wide)}  `}<Text color={colourOf(state)}>{state.padEnd(11)}</Text>{`  ${detailOf(goal)}`}</Row>;
      })}
      <More count={more} />
    </Panel>
  );
}

export function stateOf({ outcome, since }: GoalView): string {
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
