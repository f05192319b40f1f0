// The stages, that is the tasks: how many jobs of each are known of, and what became of them. Cells where there is little room, a table
// where there is more. Marks say what colours say: ▸ runs, ✗ failed.
import { doneOf, knownOf, type Progress } from '../progress.ts';
import type { View } from '../view.ts';
import { cellsIn } from './layout.ts';
import { more, panel, type Size } from './panel.ts';
import { styled, type Piece, type Row } from './row.ts';
import { fitted, windowOf } from './text.ts';

export function stageCells(view: View, size: Size): readonly Row[] {
  const stages = Object.entries(view.stages);
  const cells = cellsIn(size.columns);
  const wide = Math.floor(size.columns / cells);
  const lines = Array.from({ length: Math.ceil(stages.length / cells) }, (_, i) => stages.slice(i * cells, (i + 1) * cells));
  const seen = windowOf(lines, size.rows - 1, lines.length - 1);
  const rows = seen.items.map((line) => line.map(([task, progress]) => stage(fitted(`${markOf(progress)}${task} ${doneOf(progress)}/${knownOf(progress)}`, wide), progress)));
  return panel(titleOf(stages.length), size, [...rows, ...more(seen.more * cells)]);
}

const columns = ['waiting', 'running', 'hit', 'built', 'failed', 'skipped'] as const;

export function stageTable(view: View, size: Size): readonly Row[] {
  const stages = Object.entries(view.stages);
  const seen = windowOf(stages, size.rows - 2, stages.length - 1);
  const name = Math.max(8, size.columns - 9 * columns.length - 4);
  const cell = (count: number): string => (count === 0 ? '·' : String(count)).padStart(9);
  const head: Row = [styled(`${' '.repeat(name + 1)}${columns.map((column) => column.padStart(9)).join('')}`, 'dim')];
  const rows = seen.items.map(([task, progress]): Row => [stage(`${markOf(progress)}${fitted(task, name)}${columns.map((column) => cell(progress[column === 'waiting' ? 'queued' : column])).join('')}`, progress)]);
  return panel(titleOf(stages.length), size, [head, ...rows, ...more(seen.more)]);
}

function stage(text: string, { failed, running }: Progress): Piece {
  return failed > 0 ? styled(text, 'red') : running > 0 ? styled(text, 'cyan') : styled(text);
}

function markOf({ failed, running }: Progress): string {
  return failed > 0 ? '✗ ' : running > 0 ? '▸ ' : '  ';
}

function titleOf(count: number): string {
  return `${count} ${count === 1 ? 'stage' : 'stages'}`;
}
