// The loop: what is asked for is looked up; what isn't there runs; what ran is published. One key runs once a build.
import { digestOf, type Digest, type Key } from '../base/digest.ts';
import { Fault, faultText, type FaultParts, type Place } from '../base/fault.ts';
import { JobFailed, type Build, type Outputs, type Request } from './build.ts';
import { tallied, type Event, type Outcome, type Tally } from './events.ts';
import type { Executor, Need } from './executor.ts';
import { askedJobs, recordOf } from './history.ts';
import type { LostBlob, Reply } from './job.ts';
import { Ledger, type Entry } from './ledger.ts';
import type { AskedJob } from './past.ts';
import { createPublisher } from './publish.ts';
import { prepare, type CodeDigests } from './recipe.ts';
import { Sources } from './sources.ts';
import type { Stamp } from './stamp.ts';
import type { GoalNote, Receipt, Store } from './store.ts';
import type { AnyTask } from './task.ts';
import { timelineOf, type Timeline } from './timeline.ts';

export interface BuildOptions {
  readonly store: Store;
  readonly code: CodeDigests;
  /** The caller's: it may serve several builds, and is closed by its owner. */
  readonly executor: Executor;
  /** For light jobs; without it they go where all go. */
  readonly light?: Executor;
  readonly workspace: string;
  /** The user's command line, for the history. */
  readonly command?: readonly string[];
  emit(event: Event): void;
  /** Aborting it skips what waits and kills what runs; nothing is published half. */
  readonly signal?: AbortSignal;
  /** Whether to look for what the cache can drop when the build ends: that reads all of its index. Default: yes. */
  readonly sweeps?: boolean;
  /** Go on with what doesn't depend on a failed job. */
  readonly keepGoing?: boolean;
  /** Keys that failed before, in another build, with what was wrong: they fail at once. Failures of this build are added. */
  readonly failures?: Map<Key, readonly FaultParts[]>;
  /** Receipts on their way into the store, of all builds that share it: as good as those that are there. */
  readonly unpublished?: Map<Key, Receipt>;
  /** Where the user sees what a job's fault names: a job knows the name of a setting or a file, not where it lies. */
  locate?(place: Place, label: string): Place;
}

export interface RunningBuild extends Build {
  /** Stamps of sources, by absolute path, for the goal record; undefined when one moved, or is too fresh to be trusted, and when the build is over. */
  stamps(paths: ReadonlySet<string>): Promise<Readonly<Record<string, Stamp>> | undefined>;
  /** Sources that changed while they were in use. */
  moved(): readonly string[];
  tally(): Tally;
  /** Every job asked for so far, and every file opened: what a later build, `why` and `plan` compare with. */
  asked(): { readonly jobs: readonly AskedJob[]; readonly sources: Readonly<Record<string, Digest>> };
  /** What became of a goal, for the history. */
  note(goal: GoalNote): void;
  /** What ran when and where, and what hit. */
  timeline(): Timeline;
  /** Another build takes over: nothing more is started; what runs is finished and published if nobody else needs its place. */
  leave(): void;
  /** Whether it was aborted or left: then what it knows is no longer what the user wants, and no file of a goal may be written. */
  isOver(): boolean;
  /** Waits for what runs, publishes, notes the build in the history, sweeps. The executor and the store stay open. */
  close(): Promise<void>;
}

const defaultMemoryBytes = 100e6;
// A blob that is lost again right after its producer ran is no accident.
const repairsMax = 8;

export function startBuild({ store, code, executor, light, workspace, command = [], emit, signal, sweeps = true, keepGoing = false, failures = new Map(), unpublished = new Map(), locate = (place) => place }: BuildOptions): RunningBuild {
  const began = Date.now();
  const origin = performance.now();
  const sinceOrigin = (): number => performance.now() - origin;
  const goals: GoalNote[] = [];
  const sources = new Sources({ store, workspace });
  const ledger = new Ledger();
  const publisher = createPublisher({ store, sources, ledger, unpublished, emit });
  const repairing = new Map<string, Promise<void>>();
  const unreadable = new Set<Key>();
  let tally: Tally = {};
  let halted: 'failed' | 'interrupted' | undefined;

  const interrupt = (): void => {
    halted = 'interrupted';
    executor.abort();
    light?.abort();
  };
  const leave = (): void => {
    halted = 'interrupted';
    executor.leave();
    light?.leave();
  };
  if (signal?.aborted === true) interrupt();
  signal?.addEventListener('abort', interrupt);

  return {
    async run(task, request) {
      return want(task, [request])[0]!.promise;
    },
    async map(task, requests) {
      return Promise.all(want(task, requests).map((entry) => entry.promise));
    },
    async read({ digest }) {
      for (let attempt = 0; attempt < repairsMax; attempt++) {
        const bytes = store.blob(digest);
        if (typeof bytes !== 'string') return bytes;
        await repair({ digest, why: bytes });
      }
      throw new Error(`BUG: blob ${digest} stays lost after repairs`);
    },
    async source(path) {
      const opened = await sources.open(path);
      ledger.opened(opened.path, opened.artifact.digest);
      return opened.artifact;
    },
    async stamps(paths) {
      await publisher.flush();
      const stamps = publisher.moved().some((path) => paths.has(path)) ? undefined : await sources.settled(paths);
      return halted === 'interrupted' ? undefined : stamps;
    },
    moved: () => publisher.moved(),
    tally: () => tally,
    asked: () => ({ jobs: askedJobs([...ledger.entries.values()]), sources: ledger.sources() }),
    note: (goal) => void goals.push(goal),
    timeline: () => timelineOf(ledger),
    leave,
    isOver: () => halted === 'interrupted',
    close,
  };

  function want(task: AnyTask, requests: readonly Request[]): Entry[] {
    const fresh: Entry[] = [];
    const wanted = requests.map((request): Entry => {
      const prepared = prepare(code, task, request);
      const known = ledger.entries.get(prepared.work.key);
      if (known !== undefined) {
        if (known.label !== request.label) (known.also ??= new Set()).add(request.label);
        return known;
      }
      const entry: Entry = { ...prepared, task, label: request.label, ...(request.part !== undefined && { part: request.part }), need: needOf(task, request.label), ms: 0, promise: unstarted };
      ledger.entries.set(entry.work.key, entry);
      fresh.push(entry);
      return entry;
    });
    const receipts = store.receipts(fresh.map((entry) => entry.work.key)).map((receipt, i) => (typeof receipt === 'string' ? unpublished.get(fresh[i]!.work.key) ?? receipt : receipt));
    const misses = receipts.filter((receipt) => typeof receipt === 'string').length;
    fresh.forEach((entry, i) => {
      const receipt = receipts[i]!;
      if (typeof receipt === 'string') {
        entry.alone = misses <= lightJobsMax;
        if (receipt === 'corrupt') unreadable.add(entry.work.key);
        entry.promise = build(entry);
        entry.promise.catch(reported);
      } else {
        entry.promise = Promise.resolve(receipt.outputs);
        ledger.finished(entry, receipt.outputs);
          entry.found = { savedMs: receipt.ms, atMs: sinceOrigin() };
          settle(entry, 'hit');
      }
    });
    return wanted;
  }

  function needOf(task: AnyTask, label: string): Entry['need'] {
    return { label, cores: task.cores ?? 1, memoryBytes: task.memoryBytes ?? defaultMemoryBytes };
  }

  /** Runs the job, with what it lacks repaired before, until there is an answer. */
  async function build(entry: Entry, chain: readonly string[] = []): Promise<Outputs> {
    const work = chain.length > 0 ? { ...entry.work, overwrite: true } : entry.work;
    const { ms: expectedMs = 0, pathMs } = store.lastRun({ task: entry.task.name, label: entry.label }) ?? {};
    const need = { ...entry.need, ...(expectedMs > 0 && { expectedMs }), ...(pathMs !== undefined && { pathMs }) };
    const known = failures.get(entry.work.key);
    if (known !== undefined) return fail(entry, known);
    emit({ event: 'queued', ...nameOf(entry), ...(need.expectedMs !== undefined && { expected: need.expectedMs / 1000 }) });
    for (let attempt = 0; attempt < repairsMax; attempt++) {
      if (halted !== undefined && !(keepGoing && halted === 'failed')) return skip(entry);
      const where = light !== undefined && isLight(entry, expectedMs) ? light : executor;
      const reply = await where.execute(work, need, listenerOf(entry, need));
      if (entry.run !== undefined) entry.run.answeredMs = sinceOrigin();
      switch (reply.kind) {
        case 'draft':
          return finish(entry, reply);
        case 'lost':
          try {
            await Promise.all(reply.blobs.map((blob) => repair(blob, chain)));
          } catch (error) {
            if (error instanceof JobFailed) return skip(entry);
            if (error instanceof Fault) return fail(entry, [error.parts]);
            throw error;
          }
          continue;
        case 'fault':
          failures.set(entry.work.key, reply.faults);
          return fail(entry, reply.faults);
        case 'bug':
          return fail(entry, [{ what: `BUG in task ${entry.task.name}: ${reply.text}` }], 70);
        case 'skipped':
          return skip(entry);
      }
    }
    return fail(entry, [{ what: 'what this job reads stays lost after it was made again', facts: [['try', 'another cache folder: this one does not keep what is written']] }]);
  }

  function listenerOf(entry: Entry, { cores, memoryBytes, expectedMs }: Need): Parameters<Executor['execute']>[2] {
    const name = nameOf(entry);
    const expected = expectedMs !== undefined && { expected: expectedMs / 1000 };
    return {
      started(lane = 0) {
        ledger.handed(entry, { lane, handedMs: sinceOrigin() });
        emit({ event: 'started', ...name, cores, memoryBytes, ...expected });
      },
      said: (line) => emit({ event: 'log', ...name, line }),
    };
  }

  function finish(entry: Entry, { receipt }: Extract<Reply, { kind: 'draft' }>): Outputs {
    if (entry.outputs !== undefined && !sameBytes(entry.outputs, receipt.outputs)) {
      return fail(entry, [{ what: `BUG in task ${entry.task.name}: the same recipe gave other bytes than before` }], 70);
    }
    entry.ms = receipt.ms;
    if (entry.outputs === undefined) ledger.finished(entry, receipt.outputs);
    if (unreadable.delete(entry.work.key)) emit({ event: 'repaired', digest: digestOf(entry.recipe), why: 'corrupt', by: entry.label });
    publisher.add(entry, receipt);
    settle(entry, 'built');
    return receipt.outputs;
  }

  function fail(entry: Entry, faults: readonly FaultParts[], bug?: 70): never {
    const exit = bug ?? (faults.some((parts) => parts.exit === 2) ? 2 : 1);
    settle(entry, 'failed');
    for (const { place, ...parts } of faults) {
      const at = place && locate(place, entry.label);
      emit({ event: 'fault', text: faultText({ ...parts, ...(at && { place: at }) }), exit, task: entry.task.name, label: entry.label, ...(at && { place: at }) });
    }
    halted ??= 'failed';
    if (!keepGoing) {
      executor.stop();
      light?.stop();
    }
    throw new JobFailed({ task: entry.task.name, label: entry.label, outcome: 'failed', exit });
  }

  function skip(entry: Entry): never {
    settle(entry, 'skipped');
    throw new JobFailed({ task: entry.task.name, label: entry.label, outcome: 'skipped', exit: halted === 'interrupted' ? 130 : 1 });
  }

  function settle(entry: Entry, outcome: Outcome): void {
    const was = entry.outcome;
    entry.outcome = outcome;
    const finished = { event: 'finished', ...nameOf(entry), outcome, seconds: entry.ms / 1000, ...(outcome === 'hit' && entry.found && { saved: entry.found.savedMs / 1000 }), ...(was === undefined ? {} : { was }) } as const;
    tally = tallied(tally, finished);
    emit(finished);
  }

  /** Asks whoever made the blob in this build for it again. `chain`: the repairs that wait for this one. */
  async function repair({ digest, why }: LostBlob, chain: readonly string[] = []): Promise<void> {
    const producer = ledger.producerOf(digest);
    if (producer === undefined) throw new Error(`BUG: nothing in this build made blob ${digest}`);
    const name = producer.kind === 'job' ? producer.entry.work.key : producer.path;
    if (chain.includes(name)) throw new Error(`BUG: to make blob ${digest} again, ${name} needs it`);
    const under = repairing.get(name);
    if (under !== undefined) return under;
    // Another repair may have brought it back since the job noticed.
    if (typeof store.blob(digest) !== 'string') return;
    const running = producer.kind === 'job' ? rebuild(producer.entry, [...chain, name]) : reread(producer.path, digest);
    repairing.set(name, running);
    try {
      await running;
      emit({ event: 'repaired', digest, why, by: producer.kind === 'job' ? producer.entry.label : producer.path });
    } finally {
      repairing.delete(name);
    }
  }

  async function rebuild(entry: Entry, chain: readonly string[]): Promise<void> {
    await build(entry, chain);
  }

  async function reread(path: string, digest: Digest): Promise<void> {
    if (await sources.refill(path, digest)) return;
    throw new Fault({ place: { file: path }, what: 'the file changed while it was in use', facts: [['try', 'building again']] });
  }

  async function close(): Promise<void> {
    await Promise.allSettled([...ledger.entries.values()].map((entry) => entry.promise));
    signal?.removeEventListener('abort', interrupt);
    await publisher.flush();
    if (ledger.entries.size === 0) return;
    const { build: record, jobs } = recordOf({ began, workspace, command, goals, tally, entries: [...ledger.entries.values()] });
    await store.record(record, jobs);
    // A build that only hit has put nothing there; one that is over makes room for the next, or for the user.
    if (!sweeps || halted === 'interrupted' || !record.jobs.some(({ outcome }) => outcome === 'built')) return;
    const swept = await store.sweep({ keys: new Set(ledger.entries.keys()), digests: new Set([...sources.digests(), ...ledger.digests()]) });
    if (swept.receipts + swept.blobs > 0 || swept.keptBytes > swept.capBytes) emit({ event: 'swept', ...swept });
  }
}

// Known to be short: what never ran goes to a worker, where many can run side by side.
function isLight({ task, alone }: Entry, expectedMs: number): boolean {
  return task.light === true && alone === true && expectedMs > 0 && expectedMs < lightMsMax;
}

const lightMsMax = 100;
/** More jobs of one task than this are worth the workers. */
const lightJobsMax = 16;

const unstarted: Promise<Outputs> = Promise.resolve({});

// The failure is an event already; whoever awaits the job gets it too.
function reported(): void {}

function nameOf({ task, label, part, work }: Entry): { task: string; label: string; key: Key; part?: string } {
  return { task: task.name, label, key: work.key, ...(part !== undefined && { part }) };
}

function sameBytes(a: Outputs, b: Outputs): boolean {
  return Object.keys(b).every((name) => a[name]?.digest === b[name]!.digest);
}
