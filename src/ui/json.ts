// One event a line, for programs. The last line is the summary, and exactly that (docs/events.md).
import type { Event } from '../engine/events.ts';

export interface Watcher {
  see(event: Event): void;
}

export function jsonLines(write: (text: string) => void): Watcher {
  return {
    see: (event) => write(`${JSON.stringify(event)}\n`),
  };
}
