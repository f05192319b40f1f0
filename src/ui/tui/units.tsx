// A bar for each part of a goal that the pipeline names: the NPU units.
import { Text } from 'ink';
import type { ReactNode } from 'react';
import { doneOf, knownOf, timeLeft } from '../progress.ts';
import type { View } from '../view.ts';
import { leftOf } from './amounts.ts';
import { More, Panel, Row, type Size } from './panel.tsx';
import { barOf, fitted, windowOf } from './text.ts';

export function Units({ view, now, size }: { readonly view: View; readonly now: number; readonly size: Size }): ReactNode {
  const parts = Object.entries(view.parts);
  const active = parts.findIndex(([, progress]) => progress.running + progress.queued > 0);
  const { items, more } = windowOf(parts, size.rows - 1, active === -1 ? parts.length - 1 : active);
  const bar = Math.max(8, Math.floor(size.columns / 5));
  const name = Math.max(8, size.columns - bar - 40);
  return (
    <Panel title={parts.length === 1 ? 'unit' : `${parts.length} units`} size={size}>
      {items.map(([part, progress]) => {
        const [done, known] = [doneOf(progress), knownOf(progress)];
        return <Row key={part}>{`  ${fitted(part, name)}  `}<Text color={progress.failed > 0 ? 'red' : 'green'}>{barOf(done / known, bar)}</Text>{`  ${done}/${known}${progress.failed > 0 ? `  ${progress.failed} failed` : ''}${leftOf(timeLeft(view, now, part))}`}</Row>;
      })}
      <More count={more} />
    </Panel>
  );
}
