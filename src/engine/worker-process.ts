// One worker process, seen from the pool: it is given bulks of jobs, answers them, and may die.
import { fork, type ChildProcess } from 'node:child_process';
import type { FaultParts } from '../base/fault.ts';
import type { Work } from './recipe.ts';
import type { FromWorker, ToWorker } from './serve.ts';

export interface WorkerEntry {
  /** The worker's entry module and its arguments; `execArgv` as for fork ('--import', 'tsx' when run from source). */
  readonly entry: string;
  readonly args: readonly string[];
  readonly execArgv?: readonly string[];
}

/** How a process ended, and the end of what it printed. */
export interface Death {
  readonly how: string;
  readonly tail: string;
}

export interface WorkerProcess {
  readonly pid: number | undefined;
  run(works: readonly Work[]): void;
  /** Lets it end when it has nothing more to do. */
  release(): void;
  kill(): void;
  /** Resolves when it has ended and its last words are read. */
  readonly ended: Promise<Death>;
}

const tailLength = 8000;

export function startWorker({ entry, args, execArgv = [] }: WorkerEntry, hear: (message: FromWorker) => void): WorkerProcess {
  const child = fork(entry, [...args], { serialization: 'advanced', execArgv: [...execArgv], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let tail = '';
  const note = (text: string): void => {
    tail = (tail + text).slice(-tailLength);
  };
  child.stdout?.on('data', (chunk: Buffer) => note(chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => note(chunk.toString('utf8')));
  child.on('error', (error) => note(`${error.message}\n`));
  // What it sends is typed by serve.ts, the only other end of this channel.
  child.on('message', (message) => hear(message as FromWorker));
  return {
    pid: child.pid,
    run(works) {
      const message: ToWorker = { kind: 'run', works };
      // A worker that just died says so by its end, which answers for its jobs.
      child.send(message, () => undefined);
    },
    release() {
      if (child.connected) child.disconnect();
    },
    kill: () => void child.kill('SIGKILL'),
    ended: endOf(child).then((how) => ({ how, tail })),
  };
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

export function faultOfDeath({ how, tail }: Death, { label, task }: { readonly label: string; readonly task: string }): FaultParts {
  const lines = tail.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '');
  // V8's last words are followed by a stack of addresses.
  const fatal = lines.filter((line) => line.startsWith('FATAL ERROR: '));
  return {
    what: `${label}: the worker process died while it ran ${task}`,
    facts: [['ended by', how], ...(fatal.length > 0 ? fatal : lines.slice(-5)).map((line) => ['it said', line] as const), ['try', remedyFor({ how, tail })]],
  };
}

function remedyFor({ how, tail }: Death): string {
  if (tail.includes('JavaScript heap out of memory')) return 'NODE_OPTIONS=--max-old-space-size=8192 (megabytes): a larger heap than Node gives a process by itself';
  if (how === 'SIGKILL') return 'fewer jobs at once (-j), or less memory for all of them (--memory): the system may have run out of it';
  return 'again; if it dies again, please report it';
}
