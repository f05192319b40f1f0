// Worker processes, shared by the builds of a process. They start when first needed and stay warm; a crash or an
// out-of-memory kill costs one job. What runs at a time never declares more cores or memory than the pool has; a job that
// alone declares more runs alone. A job that two builds ask for runs once.
import { availableParallelism, totalmem } from 'node:os';
import type { Executor } from './executor.ts';
import type { Reply } from './job.ts';
import { costOf, isWanted, nameOf, orphanedMs, parted, withdraw, type Asker, type Client, type Cost, type PoolJob } from './pool-job.ts';
import { JobQueue, type Free, type Waiting } from './queue.ts';
import type { FromWorker } from './serve.ts';
import { faultOfDeath, startWorker, type Death, type WorkerEntry, type WorkerProcess } from './worker-process.ts';

export interface PoolOptions extends WorkerEntry {
  /** Cores in all, and so the most workers. Default: what this process may use. */
  readonly jobs?: number;
  readonly memoryBytes?: number;
}

export interface Pool {
  /** What the jobs that run at a time may declare together. */
  readonly jobs: number;
  readonly memoryBytes: number;
  /**
   * An executor of its own for each build: stop, leave and abort concern its own jobs only. What runs when it leaves is an
   * orphan: finished, unless a job that somebody wants has no room for it, and nobody asks for it again soon. Its close is its abort.
   */
  client(): Executor;
  /** Starts workers now, so that they load while something else is done: as many as may run, or the first few. */
  warm(count?: number): void;
  /** Process ids of the live workers. */
  pids(): number[];
  close(): Promise<void>;
}

interface Worker {
  readonly process: WorkerProcess;
  /** Empty when it is idle, and when it was killed. */
  bulk: PoolJob[];
  /** What it takes of the pool, until it is idle or dead. */
  holds?: Cost;
  /** Grows with each bulk of the pool: the greatest started last. */
  turn: number;
  readonly buried: Promise<void>;
}

const endMs = 1000;
// The next build asks for what it still wants in order: an orphan must not give way to a job in front of its own turn.
const graceMs = 300;

export function openPool({ jobs = availableParallelism(), memoryBytes = defaultMemoryBytes(), ...entry }: PoolOptions): Pool {
  const queue = new JobQueue<PoolJob>();
  const asked = new Map<string, PoolJob>();
  const workers = new Set<Worker>();
  let turns = 0;
  let scheduled = false;
  let closing = false;

  const pump = (): void => {
    scheduled = false;
    do {
      for (let bulk = queue.take(freeBeside(holders())); bulk.length > 0; bulk = queue.take(freeBeside(holders()))) run(bulk);
    } while (makeRoom());
  };
  // After this turn, so that what is asked for in one go can go to workers in bulk, and a build that hears of a failure
  // can stop before more starts.
  const schedule = (): void => {
    if (!scheduled) queueMicrotask(pump);
    scheduled = true;
  };

  function holders(): Worker[] {
    return [...workers].filter((worker) => worker.holds !== undefined);
  }

  function freeBeside(holding: readonly Worker[]): Free {
    return {
      cores: holding.reduce((left, { holds }) => left - holds!.cores, jobs),
      memoryBytes: holding.reduce((left, { holds }) => left - holds!.memoryBytes, memoryBytes),
      workers: jobs - holding.length,
      idle: holding.length === 0,
    };
  }

  /** Ends an orphan, the last that began, if that and its like are all that is in the way of a job that waits. */
  function makeRoom(): boolean {
    const [dying, alive] = parted(holders(), (worker) => worker.bulk.length === 0);
    if (dying.length > 0 && queue.fits(freeBeside(alive))) return false; // there will be room in a moment
    const [orphans, wanted] = parted(alive, ({ bulk }) => orphanedMs(bulk) !== undefined);
    if (orphans.length === 0 || !queue.fits(freeBeside(wanted))) return false;
    const waitMs = Math.max(...orphans.map(({ bulk }) => orphanedMs(bulk)!)) + graceMs - performance.now();
    if (waitMs > 0) {
      setTimeout(schedule, waitMs).unref();
      return false;
    }
    end(orphans.reduce((last, worker) => (worker.turn > last.turn ? worker : last)));
    return true;
  }

  function run(bulk: PoolJob[]): void {
    const worker = [...workers].find((candidate) => candidate.holds === undefined) ?? start();
    worker.bulk = bulk;
    worker.holds = costOf(bulk);
    worker.turn = turns++;
    worker.process.run(bulk.map(({ work }) => work));
    for (const { askers } of bulk) for (const { listener } of askers) listener.started(worker.process.pid);
  }

  function start(): Worker {
    const process = startWorker(entry, (message) => receive(worker, message));
    const worker: Worker = { process, bulk: [], turn: 0, buried: process.ended.then((death) => bury(worker, death)) };
    workers.add(worker);
    return worker;
  }

  function receive(worker: Worker, message: FromWorker): void {
    if (message.kind === 'said') {
      for (const { listener } of worker.bulk[message.index]?.askers ?? []) listener.said(message.line);
      return;
    }
    const { bulk } = worker;
    if (bulk.length === 0) return; // it was killed, and this comes too late
    worker.bulk = [];
    delete worker.holds;
    bulk.forEach((job, i) => {
      const reply = message.replies[i] ?? { kind: 'bug', text: 'the worker left a job unanswered', log: [] };
      if (reply.kind === 'draft') queue.took(job.work.task, reply.receipt.ms);
      answer(job, () => reply);
    });
    schedule();
  }

  function bury(worker: Worker, death: Death): void {
    workers.delete(worker);
    const [first, ...others] = worker.bulk;
    if (first !== undefined && others.length === 0) answer(first, ({ label }) => ({ kind: 'fault', faults: [faultOfDeath(death, { label, task: first.work.task })], log: [] }));
    // One of them killed it; which one shows when each runs by itself.
    else for (const job of worker.bulk) giveBack(job, { alone: true });
    worker.bulk = [];
    schedule();
  }

  /** Kills a worker. Its place is free when it is dead. */
  function end(worker: Worker): void {
    for (const job of worker.bulk.splice(0)) giveBack(job);
    worker.process.kill();
  }

  /** It did not come to its end: it waits again if somebody wants it. */
  function giveBack(job: PoolJob, how: { readonly alone?: true } = {}): void {
    if (isWanted(job)) queue.add(Object.assign(job, how));
    else skip(job);
  }

  function skip(job: PoolJob): void {
    answer(job, () => ({ kind: 'skipped' }));
  }

  function answer(job: PoolJob, replyTo: (asker: Asker) => Reply): void {
    asked.delete(nameOf(job.work));
    for (const asker of job.askers) asker.answer(replyTo(asker));
  }

  function newClient(): Executor {
    const client: Client = {};
    /** True when the job is nobody's any more. */
    const leaveOut = (job: PoolJob): boolean => withdraw(job, client) && asked.delete(nameOf(job.work));
    const stop = (): void => void queue.remove(leaveOut);
    const abort = (): void => {
      client.goneMs = performance.now();
      stop();
      for (const worker of workers) if (worker.bulk.filter(leaveOut).length > 0) end(worker);
      schedule();
    };
    return {
      execute: (work, need, listener) =>
        new Promise((done) => {
          if (closing) throw new Error('BUG: a job after the pool was closed');
          if (client.goneMs !== undefined) return done({ kind: 'skipped' });
          want({ work, need: { ...need, cores: Math.min(need.cores, jobs) } }, { client, label: need.label, listener, answer: done });
        }),
      stop,
      leave() {
        stop();
        client.goneMs = performance.now();
        schedule(); // what runs for it may be in somebody's way
      },
      abort,
      async close() {
        abort();
      },
    };
  }

  function want(waiting: Waiting, asker: Asker): void {
    const known = asked.get(nameOf(waiting.work));
    if (known === undefined) {
      const job = { ...waiting, askers: [asker] };
      asked.set(nameOf(job.work), job);
      queue.add(job);
      schedule();
    } else {
      known.askers = [...known.askers, asker];
      const worker = [...workers].find(({ bulk }) => bulk.includes(known));
      if (worker !== undefined) asker.listener.started(worker.process.pid);
    }
  }

  return {
    jobs,
    memoryBytes,
    client: newClient,
    warm(count = jobs) {
      while (workers.size < Math.min(count, jobs)) start();
    },
    pids: () => [...workers].flatMap(({ process }) => process.pid ?? []),
    async close() {
      closing = true;
      queue.remove(() => true).forEach(skip);
      for (const { process } of workers) process.release();
      const timer = setTimeout(() => {
        for (const { process, bulk } of workers) {
          bulk.splice(0).forEach(skip);
          process.kill();
        }
      }, endMs);
      await Promise.all([...workers].map(({ buried }) => buried));
      clearTimeout(timer);
    },
  };
}

// A quarter is left for everything else on the machine; a container's limit counts where there is one.
export function defaultMemoryBytes(): number {
  const limit = process.constrainedMemory() ?? 0;
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  return total * 0.75;
}
