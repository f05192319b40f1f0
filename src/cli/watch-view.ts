// How the rounds of an afternoon are seen on this output: each as a build is, then what it did.
import type { Event } from '../engine/events.ts';
import { countOf } from '../ui/amounts.ts';
import { changedLine, foldRounds, noRounds, roundLines } from '../ui/rounds.ts';
import { shortPath } from './short-path.ts';
import { formatOf, viewOf, type OpenView } from './view.ts';

/** `wish`: as of openView. */
export function openWatchView(wish: string | undefined): OpenView {
  const format = formatOf(wish);
  return format === 'plain' || format === 'github' ? linesOfRounds(format) : viewOf(format);
}

/** Programs and the screen tell rounds apart by themselves. */
function linesOfRounds(format: 'plain' | 'github'): OpenView {
  let rounds = noRounds;
  let view = viewOf(format);
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
      view = viewOf(format);
    },
    obey: () => {},
    close: () => view.close(),
  };
}
