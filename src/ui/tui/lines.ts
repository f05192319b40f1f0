// Lines of text in a panel, the last ones where they don't all fit: a log, faults, an answer.
import { panel, type Size } from './panel.ts';
import { styled, type Row } from './row.ts';

export interface Text {
  readonly title: string;
  readonly lines: readonly string[];
  /** What stands there when there are none. */
  readonly otherwise: string;
  /** Which lines stay when not all fit. */
  readonly keep: 'first' | 'last';
  /** How far from there. */
  readonly scroll?: number;
}

export function lines({ title, lines: all, otherwise, keep, scroll = 0 }: Text, size: Size): readonly Row[] {
  const room = size.rows - 1;
  const last = Math.max(0, all.length - room);
  const top = keep === 'first' ? Math.min(scroll, last) : Math.max(0, last - scroll);
  const above = top === 0 ? '' : `, ${top} above`;
  const below = all.length - top - room > 0 ? `, ${all.length - top - room} below` : '';
  const rows = all.length === 0 ? [[styled(`  ${otherwise}`, 'dim')]] : all.slice(top, top + room).map((line): Row => [`  ${line}`]);
  return panel(`${title}${above}${below}`, size, rows);
}
