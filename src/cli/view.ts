// Which view a build is seen through, on this output.
import { jsonLines, type Watcher } from '../ui/json.ts';
import { plainLines } from '../ui/plain.ts';

export interface OpenView extends Watcher {
  close(): void;
}

export function openView(format: 'plain' | 'json'): OpenView {
  const write = (text: string): void => void process.stdout.write(text);
  if (format === 'json') return { ...jsonLines(write), close: () => {} };
  const { isTTY, columns } = process.stdout;
  const isDumb = process.env['TERM'] === 'dumb' || process.env['NO_COLOR'] !== undefined || process.env['CI'] !== undefined;
  const view = plainLines({ write, now: Date.now, ...(isTTY && !isDumb && { terminal: { columns: columns ?? 80 } }) });
  const timer = setInterval(() => view.tick(), 200);
  timer.unref();
  return { see: (event) => view.see(event), close: () => clearInterval(timer) };
}
