// A row of the screen: pieces of text, some of them styled. Styles repeat what a word or a mark beside them says.
import { shown } from './text.ts';

export interface Piece {
  readonly text: string;
  readonly styles: readonly Style[];
}

export type Row = readonly (string | Piece)[];

/** By the number that turns each on. */
const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36, gray: 90 } as const;
export type Style = keyof typeof codes;

export function styled(text: string, ...styles: readonly Style[]): Piece {
  return { text, styles };
}

/** What each state is written in. */
export const styleOf = {
  running: 'cyan', building: 'cyan', built: 'green', unchanged: 'green', failed: 'red', interrupted: 'yellow', skipped: 'yellow', waiting: 'gray',
} as const satisfies Readonly<Record<string, Style>>;

/** As a terminal wants it, cut to `columns`. */
export function written(row: Row, columns: number, hasColours: boolean): string {
  const pieces = row.map((piece) => (typeof piece === 'string' ? styled(piece) : piece));
  const width = pieces.reduce((sum, { text }) => sum + text.length, 0);
  let left = width <= columns ? width : columns - 1;
  const texts = pieces.map(({ text, styles }) => {
    const part = shown(text.slice(0, left));
    left -= part.length;
    return !hasColours || styles.length === 0 || part === '' ? part : `\x1b[${styles.map((style) => codes[style]).join(';')}m${part}\x1b[0m`;
  });
  return `${texts.join('')}${width <= columns ? '' : '…'}`;
}
