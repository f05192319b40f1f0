// Lines of text in a panel, the last ones where they don't all fit: a log, faults, an answer.
import { Text } from 'ink';
import type { ReactNode } from 'react';
import { Panel, Row, type Size } from './panel.tsx';
import { shown } from './text.ts';

export interface LinesProps {
  readonly title: string;
  readonly lines: readonly string[];
  /** What stands there when there are none. */
  readonly otherwise: string;
  /** Which lines stay when not all fit. */
  readonly keep: 'first' | 'last';
  /** How far from there. */
  readonly scroll?: number;
  readonly size: Size;
}

export function Lines({ title, lines, otherwise, keep, scroll = 0, size }: LinesProps): ReactNode {
  const room = size.rows - 1;
  const last = Math.max(0, lines.length - room);
  const top = keep === 'first' ? Math.min(scroll, last) : Math.max(0, last - scroll);
  const above = top === 0 ? '' : `, ${top} above`;
  const below = lines.length - top - room > 0 ? `, ${lines.length - top - room} below` : '';
  return (
    <Panel title={`${title}${above}${below}`} size={size}>
      {lines.length === 0 ? <Row><Text dimColor>{`  ${otherwise}`}</Text></Row> : lines.slice(top, top + room).map((line, i) => <Row key={i}>{`  ${shown(line)}`}</Row>)}
    </Panel>
  );
}
