// Worker processes. They start when first needed and stay warm; a crash or an out-of-memory kill costs one job. What
// runs at a time never declares more cores or memory than the pool has; a job that alone declares more runs alone.
import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import type { FaultParts } from '../base/fault.ts';
import type { Executor, Listener, Need } from './executor.ts';
import type { Reply } from './job.ts';
import { JobQueue, type Waiting } from './queue.ts';
import type { Work } from './recipe.ts';
import type { FromWorker, ToWorker } from './serve.ts';

export interface PoolOptions {
  /** The worker's entry module and its arguments; `execArgv` as for fork ('--import', 'tsx' when run from source). */
  readonly entry: string;
  readonly args: readonly string[];
  readonly execArgv?: readonly string[];
  /** Cores in all, and so the most workers. Default: what this process may use. */
  readonly jobs?: number;
  readonly memoryBytes?: number;
}

export interface Pool extends Executor {
  /** What the jobs that run at a time may declare together. */
  readonly jobs: number;
  readonly memoryBytes: number;
  /** An executor of its own for one of several builds: stop, leave and abort concern its own jobs only. Its close is its abort. */
  client(): Executor;
  /** Starts workers now, so that they load while something else is done: as many as may run, or the first few. */
  warm(count?: number): void;
  /** Process ids of the live workers. */
  pids(): number[];
}

interface Pending extends Waiting {
  readonly listener: Listener;
  readonly answer: (reply: Reply) => void;
}

interface Worker {
  readonly child: ChildProcess;
  bulk: Pending[];
  /** The end of what it printed, for the fault if it dies. */
  tail: string;
  readonly closed: Promise<void>;
}

const tailLength = 2000;
const endMs = 1000;

export function openPool({ entry, args, execArgv = [], jobs = availableParallelism(), memoryBytes = defaultMemoryBytes() }: PoolOptions): Pool {
  const queue = new JobQueue<Pending>();
  const workers = new Set<Worker>();
  let scheduled = false;
  let closing = false;

  const pump = (): void => {
    scheduled = false;
    for (;;) {
      const busy = [...workers].filter((worker) => worker.bulk.length > 0);
      if (queue.size === 0 || busy.length >= jobs) return;
      const used = busy.map(({ bulk }) => costOf(bulk));
      const bulk = queue.take({
        cores: jobs - sum(used.map(({ cores }) => cores)),
        memoryBytes: memoryBytes - sum(used.map((cost) => cost.memoryBytes)),
        workers: jobs - busy.length,
        idle: busy.length === 0,
      });
      if (bulk.length === 0) return;
      const worker = [...workers].find((candidate) => candidate.bulk.length === 0) ?? start();
      worker.bulk = bulk;
      send(worker, { kind: 'run', works: bulk.map(({ work }) => work) });
      for (const { listener } of bulk) listener.started(worker.child.pid);
    }
  };
  // After this turn, so that what is asked for in one go can go to workers in bulk, and a build that hears of a failure
  // can stop before more starts.
  const schedule = (): void => {
    if (!scheduled) queueMicrotask(pump);
    scheduled = true;
  };

  function start(): Worker {
    const child = fork(entry, [...args], { serialization: 'advanced', execArgv: [...execArgv], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const worker: Worker = { child, bulk: [], tail: '', closed: endOf(child).then((how) => buried(worker, how)) };
    workers.add(worker);
    const hear = (chunk: Buffer): void => {
      worker.tail = (worker.tail + chunk.toString('utf8')).slice(-tailLength);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    // What it sends is typed by serve.ts, the only other end of this channel.
    child.on('message', (message) => receive(worker, message as FromWorker));
    child.on('error', (error) => hear(Buffer.from(`${error.message}\n`)));
    return worker;
  }

  function receive(worker: Worker, message: FromWorker): void {
    if (message.kind === 'said') {
      worker.bulk[message.index]?.listener.said(message.line);
      return;
    }
    const bulk = worker.bulk;
    worker.bulk = [];
    bulk.forEach((pending, i) => {
      const reply = message.replies[i] ?? { kind: 'bug', text: 'the worker left a job unanswered', log: [] };
      if (reply.kind === 'draft') queue.took(pending.work.task, reply.receipt.ms);
      pending.answer(reply);
    });
    schedule();
  }

  function buried(worker: Worker, how: string): void {
    workers.delete(worker);
    const bulk = worker.bulk;
    worker.bulk = [];
    if (bulk.length === 1) bulk[0]!.answer({ kind: 'fault', faults: [deathOf(bulk[0]!, how, worker.tail)], log: [] });
    // One of them killed it; which one shows when each runs by itself.
    else for (const pending of bulk) queue.add({ ...pending, alone: true });
    schedule();
  }

  const stop = (): void => {
    for (const { answer } of queue.clear()) answer({ kind: 'skipped' });
  };
  const kill = (): void => {
    for (const worker of workers) {
      for (const { answer } of worker.bulk.splice(0)) answer({ kind: 'skipped' });
      worker.child.kill('SIGKILL');
    }
  };
  const self: Pool = {
    execute: (work: Work, need: Need, listener: Listener) =>
      new Promise((answer) => {
        if (closing) throw new Error('BUG: a job after the pool was closed');
        queue.add({ work, need: { ...need, cores: Math.min(need.cores, jobs) }, listener, answer });
        schedule();
      }),
    jobs,
    memoryBytes,
    client: () => self,
    stop,
    leave: stop,
    abort() {
      stop();
      kill();
    },
    warm(count = jobs) {
      while (workers.size < Math.min(count, jobs)) start();
    },
    pids: () => [...workers].flatMap(({ child }) => child.pid ?? []),
    async close() {
      closing = true;
      stop();
      for (const { child } of workers) if (child.connected) child.disconnect();
      const timer = setTimeout(kill, endMs);
      await Promise.all([...workers].map(({ closed }) => closed));
      clearTimeout(timer);
    },
  };
  return self;
}

// How the process ended, when its last words have been read. (Its 'close' event would be this, but with advanced
// serialization it never comes after a disconnect().)
async function endOf(child: ChildProcess): Promise<string> {
  const exit = new Promise<string>((done) => {
    child.once('exit', (code, signal) => done(signal ?? `exit code ${code}`));
    child.once('error', (error) => child.pid === undefined && done(error.message));
  });
  const silent = [child.stdout, child.stderr].map((stream) => new Promise((done) => stream?.once('close', done) ?? done(null)));
  const how = await exit;
  await Promise.all(silent);
  return how;
}

function send(worker: Worker, message: ToWorker): void {
  // A worker that just died says so by its end, which answers for its jobs.
  worker.child.send(message, () => undefined);
}

function costOf(bulk: readonly Pending[]): { cores: number; memoryBytes: number } {
  return { cores: Math.max(0, ...bulk.map(({ need }) => need.cores)), memoryBytes: Math.max(0, ...bulk.map(({ need }) => need.memoryBytes)) };
}

function deathOf({ work, need }: Pending, how: string, tail: string): FaultParts {
  const lines = tail.trimEnd().split('\n').slice(-5).filter((line) => line !== '');
  return {
    what: `${need.label}: the worker process died while it ran ${work.task}`,
    facts: [
      ['ended by', how],
      ...lines.map((line) => ['it said', line] as const),
      ['try', how === 'SIGKILL' ? 'fewer jobs at once (-j): the system may have run out of memory' : 'again; if it dies again, please report it'],
    ],
  };
}

// A quarter is left for everything else on the machine; a container's limit counts where there is one.
export function defaultMemoryBytes(): number {
  const limit = process.constrainedMemory() ?? 0;
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  return total * 0.75;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
