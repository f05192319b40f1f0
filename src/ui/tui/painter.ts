// Puts frames on a terminal: on its alternate screen, so that what was there comes back; only rows that changed, each at its place, so that
// nothing flickers or scrolls.

export interface Terminal {
  write(text: string): unknown;
}

export interface Painter {
  /** A frame: all rows of the screen. What is wider than the terminal is cut by it. */
  paint(frame: readonly string[]): void;
  /** The terminal's size changed: nothing on it is where it was. */
  forget(): void;
  /** Gives the terminal back. */
  leave(): void;
}

// Another screen, without a cursor; rows don't go on in the next one.
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const exit = '\x1b[?7h\x1b[?25h\x1b[?1049l';
// Terminals that know it show all of the frame at once.
const [begin, end] = ['\x1b[?2026h', '\x1b[?2026l'];

export function openPainter(terminal: Terminal): Painter {
  let rows: readonly string[] | undefined;
  let isOpen = true;
  terminal.write(enter);
  return {
    paint(frame) {
      if (!isOpen) return;
      const before = rows;
      const changed = frame.flatMap((row, i) => (row === before?.[i] ? [] : [`\x1b[${i + 1};1H${row}\x1b[K`]));
      if (changed.length > 0) terminal.write(`${begin}${before === undefined ? '\x1b[2J' : ''}${changed.join('')}${end}`);
      rows = frame;
    },
    forget: () => (rows = undefined),
    leave() {
      if (isOpen) terminal.write(exit);
      isOpen = false;
    },
  };
}
