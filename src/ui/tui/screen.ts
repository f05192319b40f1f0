// The screen of a build, live: what is known of it in, keys in, frames out.
import type { ReadStream, WriteStream } from 'node:tty';
import type { Job, View } from '../view.ts';
import { frameOf } from './frame.ts';
import { firstState, press, type Heard, type Wish } from './keys.ts';
import { indexOf, listJobs } from './list.ts';
import { openPainter } from './painter.ts';

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
  readonly view: View;
  readonly actions: Actions;
}

export interface Screen {
  /** What is known from now on. It is drawn when a frame is due. */
  show(view: View): void;
  /** Gives the terminal back. */
  close(): Promise<void>;
}

/** Between frames; a key is answered at once. */
const frameMs = 200;

export function openScreen({ stdin, stdout, now, view: known, actions }: ScreenOptions): Screen {
  let view = known;
  let state = firstState;
  let isNew = false;
  let isClosed = false;
  const painter = openPainter(stdout);
  const heard: Heard = { cancel: true, quit: true, rebuild: actions.rebuild !== undefined, why: actions.why !== undefined };
  const hasColours = stdout.hasColors();

  const draw = (): void => {
    isNew = false;
    // A key may have closed it.
    if (!isClosed) painter.paint(frameOf({ view, state, heard, now: now(), size: { columns: stdout.columns - 1, rows: stdout.rows }, hasColours }));
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
    if (isNew || (view.round > 0 && view.seconds === undefined)) draw();
  };

  draw();
  const timer = setInterval(tick, frameMs);
  stdout.on('resize', resized);
  process.once('exit', painter.leave);
  // What is typed before somebody reads it waits, unseen.
  stdin.setRawMode(true);
  const keyboard = import('./keyboard.tsx').then(({ openKeyboard }) => (isClosed ? undefined : openKeyboard(stdin, onKey)));
  return {
    show(next) {
      if (next.round !== view.round) state = { ...state, isCancelled: false };
      view = next;
      isNew = true;
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      stdout.off('resize', resized);
      process.off('exit', painter.leave);
      await (await keyboard)?.close();
      stdin.setRawMode(false);
      painter.leave();
    },
  };
}
