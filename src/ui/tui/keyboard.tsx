// Keys pressed, by name. Ink reads them and holds the terminal in raw mode; it draws nothing (ARCHITECTURE.md, "The screen is rows of text").
import { render, useInput, type Key } from 'ink';
import { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';

export interface Keyboard {
  close(): Promise<void>;
}

export function openKeyboard(stdin: ReadStream, onKey: (key: string) => void): Keyboard {
  const Keys = (): null => {
    useInput((input, key) => keyNames(input, key).forEach(onKey));
    return null;
  };
  const instance = render(<Keys />, { stdin, stdout: nowhere(), exitOnCtrlC: false, patchConsole: false });
  return {
    async close() {
      instance.unmount();
      await instance.waitUntilExit();
    },
  };
}

/** Keys pressed fast arrive together. */
function keyNames(input: string, key: Key): readonly string[] {
  if (key.ctrl) return [`ctrl+${input}`];
  if (key.upArrow) return ['up'];
  if (key.downArrow) return ['down'];
  if (key.return) return ['return'];
  return key.escape ? ['escape'] : [...input];
}

/** Ink writes to it even where there is nothing to draw, and would start a program to learn its size. */
function nowhere(): WriteStream {
  const nothing = new Writable({ write: (_, __, done) => done() });
  return Object.assign(nothing, { columns: 80, rows: 24 }) as unknown as WriteStream; // of what a tty has more, Ink needs nothing
}
