// Texts cut to a width. Names come from files that may be anybody's: no control character of theirs reaches the terminal.

export function shown(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** Beginning and end stay: what tells names apart is there. */
export function shortened(text: string, width: number): string {
  const whole = shown(text);
  if (whole.length <= width) return whole;
  if (width < 2) return '…'.slice(0, Math.max(0, width));
  const end = Math.floor((width - 1) / 2);
  return `${whole.slice(0, width - 1 - end)}…${whole.slice(whole.length - end)}`;
}

/** Shortened or padded: exactly that wide. */
export function fitted(text: string, width: number): string {
  return shortened(text, width).padEnd(Math.max(0, width));
}

export function barOf(fraction: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

export interface Window<Item> {
  readonly items: readonly Item[];
  /** How many are not shown. */
  readonly more: number;
}

/** What fits into `rows`, with the item at `at` among it; the last row is left for '… n more' where not all do. */
export function windowOf<Item>(items: readonly Item[], rows: number, at: number): Window<Item> {
  if (items.length <= rows) return { items, more: 0 };
  const room = Math.max(0, rows - 1);
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), items.length - room));
  return { items: items.slice(from, from + room), more: items.length - room };
}
