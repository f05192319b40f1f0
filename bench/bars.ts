// Numbers that have a bar: one line each, and what was missed once more at the end of a run.
const missed: string[] = [];
let count = 0;

export interface Bar {
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit?: string;
  readonly digits?: number;
  /** What the figure was made of. */
  readonly note?: string;
}

/** Prints a figure beside its bar. */
export function hold(what: string, value: number, { atLeast, atMost, unit = '', digits = 2, note }: Bar): void {
  const bars = [atLeast === undefined ? '' : `at least ${atLeast}`, atMost === undefined ? '' : `at most ${atMost}`].filter((text) => text !== '').join(', ');
  const isMet = value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
  const line = `${what.padEnd(62)} ${value.toFixed(digits).padStart(7)} ${unit.padEnd(6)} (bar ${bars})${isMet ? '' : '  MISSED'}`;
  console.log(note === undefined ? line : `${line}  ${note}`);
  count++;
  if (!isMet) missed.push(line);
}

/** The end of a run: what was not met. */
export function sumUp(): void {
  if (count > 0) console.log(`\nbars held by bench/bars.ts: ${count - missed.length} of ${count} met`);
  for (const line of missed) console.log(`  ${line}`);
}
