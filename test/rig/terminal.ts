// A real terminal, of a given size, with a command in it: a window of tmux, seen and typed into as a person would.
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Why there is no terminal to test with; false: there is one. */
export const noTerminal: string | false = spawnSync('tmux', ['-V']).status === 0 ? false : 'tmux is not installed';

const waitMs = 120_000;
let count = 0;

export class Terminal {
  readonly #socket = `axbuild-test-${process.pid}-${count++}`;

  constructor(t: TestContext, { columns, rows, command, cwd, env = {} }: TerminalOptions) {
    t.after(() => this.#tmux('kill-server'));
    const { CI: _, NO_COLOR: __, GITHUB_ACTIONS: ___, NODE_OPTIONS: ____, NODE_TEST_CONTEXT: _____, TMUX: ______, ...inherited } = process.env;
    // The shell stays, also when Ctrl-C comes before the command takes it as a key: what the command left behind can be seen.
    // What env says comes after tmux, which has a TERM of its own.
    const words = ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...command];
    const line = `trap : INT; ${words.map(quoted).join(' ')}; echo "ended with $?"; cat`;
    const made = spawnSync('tmux', ['-L', this.#socket, '-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', cwd, 'sh', '-c', line], { env: { ...inherited, LC_ALL: 'C.UTF-8' }, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`tmux: ${made.stderr}`);
  }

  /** What one sees, without blanks at the end of lines. */
  screen(): string {
    return this.#tmux('capture-pane', '-p').split('\n').map((line) => line.trimEnd()).join('\n').trimEnd();
  }

  /** As `tmux send-keys` names them: 'f', 'Down', 'Escape', 'C-c'. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The screen as soon as it is as wanted. */
  async until(isSo: (screen: string) => boolean, what: string): Promise<string> {
    const end = Date.now() + waitMs;
    for (;;) {
      const screen = this.screen();
      if (isSo(screen)) return screen;
      if (Date.now() > end) throw new Error(`the terminal never showed ${what}; it shows:\n${screen}`);
      await new Promise((done) => setTimeout(done, 30));
    }
  }

  shows(text: string): Promise<string> {
    return this.until((screen) => screen.includes(text), text);
  }

  /** The same twice in a row, with the text in it: nothing is being drawn. */
  settled(text: string): Promise<string> {
    let before = '';
    return this.until((screen) => {
      const isSettled = screen === before && screen.includes(text);
      before = screen;
      return isSettled;
    }, text);
  }

  #tmux(...args: readonly string[]): string {
    return spawnSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' }).stdout;
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
