// Columns of text, aligned: numbers to the right, everything else to the left, no blanks at a line's end.

export type Cell = string | number;

/** One line a row; `indent` blanks before each. */
export function tableLines(rows: readonly (readonly Cell[])[], indent = 2): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const wide = Array.from({ length: columns }, (_, i) => Math.max(0, ...rows.map((row) => String(row[i] ?? '').length)));
  const isRight = Array.from({ length: columns }, (_, i) => rows.some((row) => typeof row[i] === 'number'));
  return rows.map((row) => {
    const cells = row.map((cell, i) => (isRight[i] === true ? String(cell).padStart(wide[i]!) : String(cell).padEnd(wide[i]!)));
    return `${' '.repeat(indent)}${cells.join('  ')}`.trimEnd();
  });
}
