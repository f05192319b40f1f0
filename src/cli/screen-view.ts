// A build on a terminal: the screen while it runs, and what plain lines say when it is over. The screen and all that it needs are loaded when
// a build has run for a moment: what ends sooner shows its lines alone.
import type { Event } from '../engine/events.ts';
import { linesOf } from '../ui/plain.ts';
import type { Actions, Screen } from '../ui/tui/screen.ts';
import { emptyView, fold, type View } from '../ui/view.ts';
import type { OpenView } from './view.ts';

export interface Outlets {
  write(text: string): void;
  complain(text: string): void;
}

/** From the start of the process. */
const openAfterMs = 300;

export function screenView({ write, complain }: Outlets): OpenView {
  let view: View = emptyView;
  let screen: Screen | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let held: (() => void)[] = [];
  const say = (text: string, to: (text: string) => void): void => {
    if (screen === undefined) to(text);
    else held.push(() => to(text));
  };

  const open = async (actions: Actions): Promise<void> => {
    const { openScreen } = await import('../ui/tui/screen.ts');
    if (!isClosed) screen = openScreen({ stdin: process.stdin, stdout: process.stdout, now: Date.now, view, actions });
  };

  return {
    see(event: Event) {
      // The lines of an earlier round are history.
      if (event.event === 'build') held = [];
      const { running } = view;
      view = fold(view, event, Date.now());
      screen?.show(view);
      for (const line of linesOf(event, running)) say(`${line}\n`, event.event === 'fault' ? complain : write);
    },
    // A screen without somebody who hears its keys would be a trap.
    obey(actions) {
      timer = setTimeout(() => open(actions), Math.max(0, openAfterMs - performance.now()));
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await screen?.close();
      screen = undefined;
      for (const late of held) late();
    },
  };
}
