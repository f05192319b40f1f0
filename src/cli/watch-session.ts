// An afternoon of rounds: each begins when a source of the goals changed, and ends with its summary. A change while a round is under way
// hands over: the next round begins at once over the same workers, and jobs that both want run once.
import { resolve } from 'node:path';
import type { Key } from '../base/digest.ts';
import { Fault, Faults, type FaultParts } from '../base/fault.ts';
import type { Event } from '../engine/events.ts';
import { faultOf } from '../engine/exit.ts';
import { checkWritable } from '../engine/outputs.ts';
import { askAgain, manifestPlaces, type Asked } from './ask.ts';
import { outputPaths } from './build-goal.ts';
import { goalsOf, type Goal } from './goals.ts';
import { runRound } from './round.ts';
import { RoundTeller } from './round-teller.ts';
import { openWatchedFiles } from './watch-files.ts';
import type { Workshop } from './workshop.ts';

export interface Session {
  /** Another round, in which what failed is tried again. */
  rebuild(): void;
  /** Ends what runs; the files stay watched. */
  cancel(): void;
  /** Ends what runs, and the session. */
  quit(): void;
  /** Resolves when nothing of it is left but the workshop. */
  readonly ended: Promise<void>;
}

interface RunningRound {
  readonly asked: Asked;
  readonly teller: RoundTeller;
  readonly cancel: AbortController;
  readonly takeover: AbortController;
}

export function startSession(workshop: Workshop, see: (event: Event) => void): Session {
  const failures = new Map<Key, readonly FaultParts[]>();
  const files = openWatchedFiles({ top: workshop.asked.workspace, wake: look });
  /** Of the last configuration that was right. */
  let goals: readonly Goal[] = [];
  /** Files that rounds opened, and files whose coming would mend what is wrong. */
  let opened: readonly string[] = [];
  let awaited: readonly string[] = [];
  let round: RunningRound | undefined;
  /** With those that were handed over and are not at their end yet. */
  const running = new Map<RunningRound, Promise<void>>();
  let quitting = false;
  let end: () => void;
  const ended = new Promise<void>((done) => (end = done));

  function watched(asked: Asked): string[] {
    const { workspace, given: { options } } = asked;
    const own = goals.flatMap(({ files: read, config }) => [...Object.keys(read), config.input, ...config.quant.input_configs.map((one) => one.calibration_dataset)]);
    const named = [options['manifest'], options['config'], options['target']].flatMap((path) => (path === undefined ? [] : [resolve(path)]));
    return [...manifestPlaces(workspace), ...named, ...own, ...opened, ...awaited].filter((path) => path !== '');
  }

  function look(): void {
    const paths = files.changed();
    if (paths.length > 0) turn(paths);
  }

  /** The next round, whatever becomes of the one that is under way. `paths`: none for a rebuild; absent for the first. */
  function turn(paths?: readonly string[]): void {
    if (quitting) return;
    if (paths !== undefined) see({ event: 'changed', paths });
    round?.teller.handOver();
    round?.takeover.abort();
    const asked = askAgain(workshop.asked);
    const next = { asked, teller: new RoundTeller({ began: asked.began, see }), cancel: new AbortController(), takeover: new AbortController() };
    round = next;
    running.set(next, run(next).finally(() => running.delete(next)));
  }

  async function run(self: RunningRound): Promise<void> {
    const { asked, teller, cancel, takeover } = self;
    // Before anything is read: a change after this is seen.
    files.take(watched(asked));
    awaited = [];
    try {
      goals = goalsOf(asked);
      files.add(watched(asked));
      void files.listen();
      checkWritable(goals.flatMap(outputPaths));
      const { sources } = await runRound({ ...workshop, asked }, {
        goals, began: asked.began, signal: cancel.signal, takeover: takeover.signal, failures,
        keepGoing: 'keep-going' in asked.given.options,
        see(event) {
          if (round !== self) return;
          if (event.event === 'moved') files.doubt(event.path);
          if (event.event === 'fault' && event.place !== undefined) awaited = [...awaited, resolve(event.place.file)];
          teller.see(event);
        },
      });
      if (round === self) opened = sources;
    } catch (error) {
      if (round === self) awaited = mendersOf(error);
      const fault = faultOf(error);
      if (fault !== undefined) teller.see(fault);
    }
    if (round === self) await rest(self);
  }

  /** The round is over, and no other has begun. */
  async function rest({ asked, teller }: RunningRound): Promise<void> {
    round = undefined;
    teller.end();
    files.add(watched(asked));
    if (!quitting) await files.listen();
    if (quitting || round !== undefined) return;
    see({ event: 'watching', files: files.size });
  }

  turn();
  return {
    rebuild() {
      failures.clear();
      turn([]);
    },
    cancel: () => round?.cancel.abort(),
    quit() {
      if (quitting) return;
      quitting = true;
      for (const { cancel } of running.keys()) cancel.abort();
      void Promise.all([...running.values(), files.close()]).then(end);
    },
    ended,
  };
}

/** The files that a person would touch to mend it. */
function mendersOf(error: unknown): string[] {
  const faults = error instanceof Faults ? error.faults : error instanceof Fault ? [error] : [];
  return faults.flatMap(({ parts: { place, waitsFor } }) => [...(place === undefined ? [] : [resolve(place.file)]), ...(waitsFor === undefined ? [] : [waitsFor])]);
}
