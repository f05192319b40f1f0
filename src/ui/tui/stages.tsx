// The stages, that is the tasks: how many jobs of each are known of, and what became of them. Cells where there is little room, a table
// where there is more. Marks say what colours say: ▸ runs, ✗ failed.
import { Text } from 'ink';
import type { ReactNode } from 'react';
import { doneOf, knownOf, type Progress } from '../progress.ts';
import type { View } from '../view.ts';
import { cellsIn } from './layout.ts';
import { More, Panel, Row, type Size } from './panel.tsx';
import { fitted, windowOf } from './text.ts';

interface StagesProps {
  readonly view: View;
  readonly size: Size;
}

export function StageCells({ view, size }: StagesProps): ReactNode {
  const stages = Object.entries(view.stages);
  const cells = cellsIn(size.columns);
  const wide = Math.floor(size.columns / cells);
  const lines = Array.from({ length: Math.ceil(stages.length / cells) }, (_, i) => stages.slice(i * cells, (i + 1) * cells));
  const { items, more } = windowOf(lines, size.rows - 1, lines.length - 1);
  return (
    <Panel title={titleOf(stages.length)} size={size}>
      {items.map((line, i) => <Row key={i}>{line.map(([task, progress]) => <Stage key={task} text={fitted(`${markOf(progress)}${task} ${doneOf(progress)}/${knownOf(progress)}`, wide)} progress={progress} />)}</Row>)}
      <More count={more * cells} />
    </Panel>
  );
}

const columns = ['waiting', 'running', 'hit', 'built', 'failed', 'skipped'] as const;

export function StageTable({ view, size }: StagesProps): ReactNode {
  const stages = Object.entries(view.stages);
  const { items, more } = windowOf(stages, size.rows - 2, stages.length - 1);
  const name = Math.max(8, size.columns - 9 * columns.length - 4);
  const cell = (count: number): string => (count === 0 ? '·' : String(count)).padStart(9);
  return (
    <Panel title={titleOf(stages.length)} size={size}>
      <Row><Text dimColor>{' '.repeat(name + 1)}{columns.map((column) => column.padStart(9)).join('')}</Text></Row>
      {items.map(([task, progress]) => (
        <Row key={task}><Stage text={`${markOf(progress)}${fitted(task, name)}${columns.map((column) => cell(progress[column === 'waiting' ? 'queued' : column])).join('')}`} progress={progress} /></Row>
      ))}
      <More count={more} />
    </Panel>
  );
}

function Stage({ text, progress: { failed, running } }: { readonly text: string; readonly progress: Progress }): ReactNode {
  return <Text {...(failed > 0 ? { color: 'red' } : running > 0 ? { color: 'cyan' } : {})}>{text}</Text>;
}

function markOf({ failed, running }: Progress): string {
  return failed > 0 ? '✗ ' : running > 0 ? '▸ ' : '  ';
}

function titleOf(count: number): string {
  return `${count} ${count === 1 ? 'stage' : 'stages'}`;
}
