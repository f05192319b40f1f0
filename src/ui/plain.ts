// Lines for people. What takes over a second says so while it runs; what fails says why. On a terminal one line at the
// bottom is redrawn; elsewhere no escape code is ever written, and progress is a line now and then.
import type { Event, GoalFinished, JobFinished, Summary } from '../engine/events.ts';
import { secondsOf } from './amounts.ts';
import { nameOf } from './job-name.ts';
import type { Watcher } from './json.ts';
import { emptyView, fold, total, type RunningJob, type View } from './view.ts';

export interface PlainOptions {
  write(text: string): void;
  /** Where faults go; default: where everything goes. */
  complain?(text: string): void;
  /** Milliseconds. */
  now(): number;
  readonly terminal?: { readonly columns: number };
}

export interface PlainView extends Watcher {
  /** To be called a few times a second while the build runs. */
  tick(): void;
}

const slowMs = 1000;
// Away from a terminal, when nothing was said for this long, or a quarter of the time so far: how far it is.
const quietMs = 2000;
// Away from a terminal a job that still runs is told of again after ever longer times.
const patience = [1, 10, 30, 60, 120, 300, 600];

export function plainLines({ write, complain = write, now, terminal }: PlainOptions): PlainView {
  let view: View = emptyView;
  let drawn = false;
  let began: number | undefined;
  let spoke = 0;
  const told = new Map<string, number>();

  const line = (text: string, to = write): void => {
    wipe();
    spoke = now();
    to(`${text}\n`);
  };
  const wipe = (): void => {
    if (drawn) write('\r\x1b[2K');
    drawn = false;
  };
  return {
    see(event) {
      const before = view;
      began ??= spoke = now();
      view = fold(view, event, now());
      if (event.event === 'finished') told.delete(event.key);
      for (const text of linesOf(event, before.running)) line(text, event.event === 'fault' ? complain : write);
    },
    tick() {
      if (began === undefined || now() - began < slowMs || view.running.size === 0) return;
      if (terminal !== undefined) {
        wipe();
        write(statusOf(view, now()).slice(0, terminal.columns - 1));
        drawn = true;
        return;
      }
      const slow = [...view.running].filter(([, job]) => now() - job.since >= slowMs);
      for (const [key, job] of slow) {
        const seconds = (now() - job.since) / 1000;
        const step = patience.findLastIndex((after) => seconds >= after);
        if (step <= (told.get(key) ?? -1)) continue;
        told.set(key, step);
        line(`  running  ${nameOf(job)}  ${secondsOf(seconds)}`);
      }
      if (now() - spoke >= Math.max(quietMs, (now() - began) / 4)) line(statusOf(view, now()));
    },
  };
}

/** What an event says; `running`: the jobs that ran before it. */
export function linesOf(event: Event, running: View['running']): readonly string[] {
  switch (event.event) {
    case 'finished':
      return finishedLines(event, running.get(event.key));
    case 'repaired':
      return [`  repaired  the cache had lost (${event.why}) what ${event.by} makes; it was made again`];
    case 'moved':
      return [`  moved  ${event.path} changed during the build; what was made from it is not kept`];
    case 'swept':
      return event.keptBytes > event.capBytes
        ? [`  cache  ${bytesOf(event.keptBytes)} are in use, over the cap of ${bytesOf(event.capBytes)}; a larger cap keeps builds fast`]
        : [`  cache  ${bytesOf(event.bytes)} removed, least recently used first`];
    case 'goal':
      return goalLines(event);
    case 'fault':
      return [event.text];
    case 'summary':
      // Nothing was begun: the fault has said all there is.
      return Object.keys(event.goals).length === 0 ? [] : [summaryLine(event)];
    default:
      return [];
  }
}

function finishedLines(event: JobFinished, job: RunningJob | undefined): string[] {
  if (event.outcome === 'failed') return [`  failed  ${nameOf(event)}`];
  if (event.outcome !== 'built' || job === undefined || event.seconds * 1000 < slowMs) return [];
  return [`  built  ${nameOf(event)}  ${secondsOf(event.seconds)}`];
}

function goalLines({ goal, outcome, written, seconds }: GoalFinished): string[] {
  return [`${goal}  ${outcome}  ${secondsOf(seconds)}`, ...written.map((path) => `  wrote  ${path}`)];
}

function summaryLine({ goals, tasks, seconds }: Summary): string {
  const counts = (['built', 'hit', 'failed', 'skipped'] as const).flatMap((outcome) => {
    const count = total(tasks, outcome);
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  const names = Object.keys(goals).length;
  return `${names} ${names === 1 ? 'goal' : 'goals'}, jobs: ${counts.length === 0 ? 'none' : counts.join(', ')}; ${secondsOf(seconds)}`;
}

function statusOf(view: View, now: number): string {
  const oldest = [...view.running.values()][0];
  const done = view.all.built + view.all.hit;
  const job = oldest === undefined ? '' : `  ${nameOf(oldest)}  ${secondsOf((now - oldest.since) / 1000)}`;
  return `  ${done} done, ${view.running.size} running${job}`;
}

function bytesOf(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
