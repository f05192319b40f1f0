// A bar for each part of a goal that the pipeline names: the NPU units.
import { doneOf, knownOf, timeLeft } from '../progress.ts';
import type { View } from '../view.ts';
import { leftOf } from './amounts.ts';
import { more, panel, type Size } from './panel.ts';
import { styled, type Row } from './row.ts';
import { barOf, fitted, windowOf } from './text.ts';

export function units(view: View, now: number, size: Size): readonly Row[] {
  const parts = Object.entries(view.parts);
  const active = parts.findIndex(([, progress]) => progress.running + progress.queued > 0);
  const seen = windowOf(parts, size.rows - 1, active === -1 ? parts.length - 1 : active);
  const bar = Math.max(8, Math.floor(size.columns / 5));
  const name = Math.max(8, size.columns - bar - 40);
  const rows = seen.items.map(([part, progress]): Row => {
    const [done, known] = [doneOf(progress), knownOf(progress)];
    const failed = progress.failed > 0 ? `  ${progress.failed} failed` : '';
    return [`  ${fitted(part, name)}  `, styled(barOf(done / known, bar), progress.failed > 0 ? 'red' : 'green'), `  ${done}/${known}${failed}${leftOf(timeLeft(view, now, part))}`];
  });
  return panel(parts.length === 1 ? 'unit' : `${parts.length} units`, size, [...rows, ...more(seen.more)]);
}
