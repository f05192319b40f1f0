// `axbuild watch` as a process that a test listens to: it waits for events, never for time to pass.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Event } from '../../src/engine/events.ts';

const entry = join(import.meta.dirname, '../../dist/axbuild.js');

/** What never comes fails the test instead of hanging it. */
const longestMs = 120_000;

export interface WatcherHow {
  readonly cwd: string;
  readonly args?: readonly string[];
}

export class Watcher {
  readonly child: ChildProcess;
  /** Exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #events: Event[] = [];
  #read = 0;
  #stderr = '';
  #look: (() => void) | undefined;

  constructor({ cwd, args = [] }: WatcherHow) {
    const { CI: _, NO_COLOR: __, NODE_OPTIONS: ___, NODE_TEST_CONTEXT: ____, ...env } = process.env;
    this.child = spawn(process.execPath, [entry, 'watch', '--log-format', 'json', ...args], { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    let rest = '';
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.#events.push(...lines.map((line) => JSON.parse(line) as Event)); // the views' own form, see docs/events.md
      this.#look?.();
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.ended = new Promise((done) => this.child.on('close', (status) => {
      done(status);
      this.#look?.();
    }));
  }

  /** The events since the last call, up to the first that is wanted. */
  async until(isWanted: (event: Event) => boolean): Promise<readonly Event[]> {
    const from = this.#read;
    const find = (): number => this.#events.findIndex((event, i) => i >= from && isWanted(event));
    await new Promise<void>((done, fail) => {
      const told = (): string => `${this.#events.slice(from).slice(-20).map((event) => JSON.stringify(event)).join('\n')}\n${this.#stderr}`;
      const timer = setTimeout(() => fail(new Error(`it did not come in ${longestMs} ms:\n${told()}`)), longestMs);
      this.#look = () => {
        if (find() >= 0) done();
        else if (this.child.exitCode !== null || this.child.signalCode !== null) fail(new Error(`the watcher has ended:\n${told()}`));
        else return;
        clearTimeout(timer);
        this.#look = undefined;
      };
      this.#look();
    });
    this.#read = find() + 1;
    return this.#events.slice(from, this.#read);
  }

  /** What is told of a round, until the next change is waited for. */
  async round(): Promise<readonly Event[]> {
    return this.until(({ event }) => event === 'watching');
  }

  /** 'r': rebuild, 'c': cancel, 'q': quit. */
  press(key: 'r' | 'c' | 'q'): void {
    this.child.stdin!.write(`${key}\n`);
  }

  /** Events that nobody has asked for yet. */
  get unread(): readonly Event[] {
    return this.#events.slice(this.#read);
  }

  kill(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) process.kill(-this.child.pid!, 'SIGKILL');
  }
}
