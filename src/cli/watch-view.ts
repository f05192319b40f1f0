// How the rounds of an afternoon are seen on this output: on a screen or by a program as any build; as lines, with what each round did.
import type { Event } from '../engine/events.ts';
import { countOf } from '../ui/amounts.ts';
import { changedLine, foldRounds, noRounds, roundLines } from '../ui/rounds.ts';
import { shortPath } from './short-path.ts';
import { formatOf, openView, type OpenView } from './view.ts';

/** `wish`: as for openView. */
export function openWatchView(wish: string | undefined): OpenView {
  const format = formatOf(wish);
  if (format === 'json' || format === 'tui') return openView(wish);
  let rounds = noRounds;
  let view = openView(wish);
  const say = (lines: readonly string[]): void => void process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return {
    see(event: Event) {
      rounds = foldRounds(rounds, event);
      view.see(event);
      if (event.event === 'changed') say([changedLine(event.paths.map(shortPath))]);
      if (event.event === 'watching') say([`watching ${countOf(event.files, 'file')}`]);
      if (event.event !== 'summary') return;
      say(roundLines(rounds));
      // The next round's times begin with it.
      void view.close();
      view = openView(wish);
    },
    obey: () => {},
    close: () => view.close(),
  };
}
