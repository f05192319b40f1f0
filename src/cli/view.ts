// Which view a build is seen through, on this output.
import type { Event } from '../engine/events.ts';
import { jsonLines, type Watcher } from '../ui/json.ts';
import { plainLines } from '../ui/plain.ts';
import { shortPath } from './short-path.ts';

export interface OpenView extends Watcher {
  close(): void;
}

export function openView(format: 'plain' | 'json'): OpenView {
  const write = (text: string): void => void process.stdout.write(text);
  if (format === 'json') return { ...jsonLines(write), close: () => {} };
  const { isTTY, columns } = process.stdout;
  const isDumb = process.env['TERM'] === 'dumb' || process.env['NO_COLOR'] !== undefined || process.env['CI'] !== undefined;
  const view = plainLines({
    write,
    complain: (text) => void process.stderr.write(text),
    now: Date.now,
    ...(isTTY && !isDumb && { terminal: { columns: columns ?? 80 } }),
  });
  const timer = setInterval(() => view.tick(), 200);
  timer.unref();
  return { see: (event) => view.see(shortened(event)), close: () => clearInterval(timer) };
}

/** Programs want absolute paths; people want those they typed. */
function shortened(event: Event): Event {
  if (event.event === 'goal') return { ...event, written: event.written.map(shortPath) };
  if (event.event === 'moved') return { ...event, path: shortPath(event.path) };
  return event;
}
