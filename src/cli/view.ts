// Which view a build is seen through, on this output.
import { relative, resolve } from 'node:path';
import { Fault } from '../base/fault.ts';
import type { Event } from '../engine/events.ts';
import { annotationOf } from '../ui/github.ts';
import { jsonLines, type Watcher } from '../ui/json.ts';
import { plainLines, type PlainOptions } from '../ui/plain.ts';
import type { Actions } from '../ui/tui/screen.ts';
import type { LogFormat } from './commands.ts';
import { screenView } from './screen-view.ts';
import { shortPath } from './short-path.ts';

export interface OpenView extends Watcher {
  /** What keys do, where there are any. Before this, nothing. */
  obey(actions: Actions): void;
  /** What is left to say is said, and the terminal is as it was. */
  close(): Promise<void>;
}

/** `wish`: the user's --log-format, which the parser has checked; without it, by what the output is. */
export function openView(wish: string | undefined): OpenView {
  const format = formatOf(wish);
  if (format === 'tui' && !isTerminal()) throw new Fault({ exit: 2, what: 'the screen needs a terminal, for what it shows and for its keys', facts: [['try', '--log-format plain']] });
  return views[format]();
}

export function formatOf(wish: string | undefined): LogFormat {
  return (wish as LogFormat | undefined) ?? formatFor(process.env);
}

const views: Readonly<Record<LogFormat, () => OpenView>> = {
  plain: () => lines(),
  json: () => ({ ...jsonLines(write), obey: () => {}, close: async () => {} }),
  tui: () => people(screenView({ write, complain })),
  github: () => lines((event) => {
    if (event.event === 'fault') write(`${annotationOf(inRepository(event))}\n`);
  }),
};

function formatFor(env: NodeJS.ProcessEnv): LogFormat {
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  return isTerminal() && !isDumb(env) && process.stdout.columns >= leastColumns && process.stdout.rows >= leastRows ? 'tui' : 'plain';
}

const leastColumns = 60;
const leastRows = 16;

function isTerminal(): boolean {
  return process.stdout.isTTY && process.stdin.isTTY;
}

function isDumb(env: NodeJS.ProcessEnv): boolean {
  return env['TERM'] === 'dumb' || env['NO_COLOR'] !== undefined || env['CI'] !== undefined;
}

function write(text: string): void {
  process.stdout.write(text);
}

function complain(text: string): void {
  process.stderr.write(text);
}

/** `also` sees every event after its line. */
function lines(also: (event: Event) => void = () => {}): OpenView {
  const { isTTY, columns } = process.stdout;
  const options: PlainOptions = { write, complain, now: Date.now, ...(isTTY && !isDumb(process.env) && { terminal: { columns: columns ?? 80 } }) };
  const view = plainLines(options);
  const timer = setInterval(() => view.tick(), 200);
  timer.unref();
  return people({
    see(event) {
      view.see(event);
      also(event);
    },
    obey: () => {},
    close: async () => clearInterval(timer),
  });
}

/** Programs want absolute paths; people want those they typed. */
function people({ see, ...view }: OpenView): OpenView {
  return { ...view, see: (event) => see(shortened(event)) };
}

function shortened(event: Event): Event {
  if (event.event === 'goal') return { ...event, written: event.written.map(shortPath) };
  if (event.event === 'moved') return { ...event, path: shortPath(event.path) };
  return event;
}

/** GitHub knows files by their path in the repository. */
function inRepository(event: Extract<Event, { event: 'fault' }>): typeof event {
  const { place } = event;
  return place === undefined ? event : { ...event, place: { ...place, file: relative(process.env['GITHUB_WORKSPACE'] ?? process.cwd(), resolve(place.file)) } };
}
