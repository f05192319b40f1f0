// The jobs that run, failed or were built, with the cursor.
import { secondsOf } from '../amounts.ts';
import { nameOf } from '../job-name.ts';
import type { ScreenState } from './keys.ts';
import { indexOf, type ListedJob } from './list.ts';
import { more, panel, type Size } from './panel.ts';
import { styled, styleOf, type Row } from './row.ts';
import { fitted, windowOf } from './text.ts';

export function jobs(listed: readonly ListedJob[], { cursor, filter }: ScreenState, size: Size): readonly Row[] {
  const at = indexOf(listed, cursor);
  const seen = windowOf(listed, size.rows - 1, at);
  const wide = Math.max(8, size.columns - 32);
  const rows = seen.items.map((job): Row => {
    const isUnder = job === listed[at];
    return [isUnder ? '❯ ' : '  ', styled(job.state.padEnd(9), styleOf[job.state]), styled(fitted(nameOf(job), wide), ...(isUnder ? (['bold'] as const) : [])), `  ${timeOf(job)}`];
  });
  return panel(filter === 'all' ? 'jobs' : `jobs: ${filter}`, size, [...rows, ...more(seen.more)]);
}

function timeOf({ seconds, expected }: ListedJob): string {
  return `${secondsOf(seconds).padStart(6)}${expected === undefined ? '' : ` of ${secondsOf(expected)}`}`;
}
