// A title with a rule behind it, and rows below: always as high as it was told to be.
import { styled, type Row } from './row.ts';
import { shortened } from './text.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export function panel(title: string, { columns, rows }: Size, content: readonly Row[]): readonly Row[] {
  if (rows < 2) return [];
  const name = shortened(title, columns - 6);
  const rule: Row = [styled(`── ${name} ${'─'.repeat(Math.max(0, columns - name.length - 4))}`, 'dim')];
  return padded([rule, ...content], rows);
}

/** Exactly that many. */
export function padded(content: readonly Row[], rows: number): readonly Row[] {
  return Array.from({ length: rows }, (_, i) => content[i] ?? []);
}

export function more(count: number): readonly Row[] {
  return count === 0 ? [] : [[styled(`  … ${count} more`, 'dim')]];
}
