// The screen of a build, live: events in, keys in, frames out. Ink lays out and reads keys; the painter owns the terminal.
import { render, useInput, type Key as InkKey } from 'ink';
import { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import type { ReactNode } from 'react';
import type { Watcher } from '../json.ts';
import { fold, type Job, type View } from '../view.ts';
import { App } from './app.tsx';
import { firstState, press, type Heard, type Wish } from './keys.ts';
import { indexOf, listJobs } from './list.ts';
import { openPainter, type Painter } from './painter.ts';

export interface Actions {
  cancel(): void;
  quit(): void;
  rebuild?(): void;
  /** Why a job ran, as text. */
  why?(job: Job): Promise<string>;
}

export interface ScreenOptions {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  /** Milliseconds. */
  now(): number;
  /** What was seen before the screen opened. */
  readonly view: View;
  readonly actions: Actions;
}

export interface Screen extends Watcher {
  /** Gives the terminal back. */
  close(): Promise<void>;
}

/** At least between frames that events ask for; a key is answered at once. */
const frameMs = 200;
/** Drawing takes time from the build: no more than a fortieth of it. A large screen, or a busy machine, is redrawn less often. */
const share = 40;
const frameMsMax = 2000;

export function openScreen({ stdin, stdout, now, view: seen, actions }: ScreenOptions): Screen {
  let view = seen;
  let state = firstState;
  let isNew = false;
  let isClosed = false;
  let due = 0;
  const painter = openPainter(stdout);
  const heard: Heard = { cancel: true, quit: true, rebuild: actions.rebuild !== undefined, why: actions.why !== undefined };

  const frame = (): ReactNode => <Live view={view} state={state} heard={heard} now={now()} size={{ columns: stdout.columns - 1, rows: stdout.rows }} onKey={onKey} />;
  const draw = (): void => {
    isNew = false;
    // A key may have closed it.
    if (isClosed) return;
    const start = performance.now();
    instance.rerender(frame());
    const end = performance.now();
    due = end + Math.min(frameMsMax, Math.max(frameMs, share * (end - start))) - (end - start);
  };
  const onKey = (key: string): void => {
    const pressed = press(state, key, listJobs(view, state.filter, now()), heard);
    state = pressed.state;
    if (pressed.wish !== undefined) wishes[pressed.wish]();
    draw();
  };
  const wishes: Readonly<Record<Wish, () => void>> = {
    cancel: () => actions.cancel(),
    quit: () => actions.quit(),
    rebuild: () => actions.rebuild?.(),
    why() {
      const jobs = listJobs(view, state.filter, now());
      const job = jobs[indexOf(jobs, state.cursor)];
      if (job === undefined || actions.why === undefined) return;
      actions.why(job).catch((error: unknown) => (error instanceof Error ? error.message : String(error))).then((text) => {
        if (state.panel === 'why' && state.cursor === job.key) state = { ...state, answer: text.trimEnd() };
        draw();
      });
    },
  };
  const resized = (): void => {
    painter.forget();
    draw();
  };

  const tick = (): void => {
    // Without a build nothing moves by itself.
    if (performance.now() < due) return;
    if (isNew || (view.round > 0 && view.seconds === undefined)) draw();
  };

  const instance = render(frame(), { stdin, stdout: paperFor(painter, stdout), debug: true, exitOnCtrlC: false, patchConsole: false });
  const timer = setInterval(tick, frameMs / 2);
  stdout.on('resize', resized);
  process.once('exit', painter.leave);
  return {
    see(event) {
      if (event.event === 'build') state = { ...state, isCancelled: false };
      view = fold(view, event, now());
      isNew = true;
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      stdout.off('resize', resized);
      process.off('exit', painter.leave);
      instance.unmount();
      await instance.waitUntilExit();
      painter.leave();
    },
  };
}

function Live({ onKey, ...props }: Parameters<typeof App>[0] & { readonly onKey: (key: string) => void }): ReactNode {
  useInput((input, key) => keyNames(input, key).forEach(onKey));
  return <App {...props} />;
}

/** Keys pressed fast arrive together. */
function keyNames(input: string, key: InkKey): readonly string[] {
  if (key.ctrl) return [`ctrl+${input}`];
  if (key.upArrow) return ['up'];
  if (key.downArrow) return ['down'];
  if (key.return) return ['return'];
  return key.escape ? ['escape'] : [...input];
}

/** What Ink draws on: with `debug` it writes whole frames there. */
class Paper extends Writable {
  readonly isTTY = true;
  readonly #painter: Painter;
  readonly #terminal: WriteStream;

  constructor(painter: Painter, terminal: WriteStream) {
    super({ decodeStrings: false });
    this.#painter = painter;
    this.#terminal = terminal;
  }

  get columns(): number {
    return this.#terminal.columns;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  override _write(frame: string, _: BufferEncoding, done: () => void): void {
    if (frame !== '') this.#painter.paint(frame);
    done();
  }
}

function paperFor(painter: Painter, terminal: WriteStream): WriteStream {
  return new Paper(painter, terminal) as unknown as WriteStream; // of what a tty has more, Ink uses nothing
}
