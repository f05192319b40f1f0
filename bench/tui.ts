// The screen: when its first frame is there, and what it costs a cold build. In a terminal of its own: `script` gives one.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hold } from './bars.ts';
import { median } from './process.ts';
import type { How } from './how.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'dist/axbuild.js');

interface Shown {
  readonly seconds: number;
  /** Of all its processes. */
  readonly cpuSeconds: number;
  /** When the first frame was there; undefined: none came. */
  readonly firstFrame: number | undefined;
}

export async function run({ short }: How): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-bench-'));
  try {
    cpSync(join(root, 'axbuild.yaml'), join(folder, 'axbuild.yaml'));
    for (const name of ['examples', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
    await cold(folder, 'plain'); // files come into memory
    const parts: number[] = [];
    const cpuParts: number[] = [];
    const frames: number[] = [];
    for (let i = 0; i < (short ? 3 : 9); i++) {
      // In turns, first one and then the other: what the machine does meanwhile hits both.
      const order = i % 2 === 0 ? (['plain', 'tui'] as const) : (['tui', 'plain'] as const);
      const took = { plain: 0, tui: 0 };
      const cpu = { plain: 0, tui: 0 };
      for (const format of order) {
        const { seconds, cpuSeconds, firstFrame } = await cold(folder, format);
        took[format] = seconds;
        cpu[format] = cpuSeconds;
        if (firstFrame !== undefined) frames.push(firstFrame);
      }
      parts.push((took.tui / took.plain - 1) * 100);
      cpuParts.push((cpu.tui / cpu.plain - 1) * 100);
      console.log(`  cold build of examples/   plain ${took.plain.toFixed(2)} s, CPU ${cpu.plain.toFixed(2)} s   tui ${took.tui.toFixed(2)} s, CPU ${cpu.tui.toFixed(2)} s`);
    }
    hold('first frame of the screen, from the start of the process', median(frames) * 1000, { atMost: 700, unit: 'ms', digits: 0, note: `least ${(Math.min(...frames) * 1000).toFixed(0)} ms` });
    hold('a cold build of examples/ under the screen, % over plain lines', median(parts), { atMost: 3, unit: '%', digits: 1, note: `${parts.length} pairs; CPU of all processes ${median(cpuParts).toFixed(1)} %` });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A build into an empty cache, in a terminal of 200 columns and 60 rows. */
function cold(folder: string, format: 'plain' | 'tui'): Promise<Shown> {
  for (const name of ['.axbuild', 'output']) rmSync(join(folder, name), { recursive: true, force: true });
  const { CI: _, NO_COLOR: __, GITHUB_ACTIONS: ___, ...env } = process.env;
  const command = `stty cols 200 rows 60; '${process.execPath}' '${bin}' build --log-format ${format} && times`;
  const start = performance.now();
  let firstFrame: number | undefined;
  let output = '';
  const child = spawn('script', ['-qfec', command, '/dev/null'], { cwd: folder, env: { ...env, TERM: 'xterm-256color' }, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    // Its last row is there: a whole frame.
    if (firstFrame === undefined && format === 'tui' && output.includes('? help')) firstFrame = (performance.now() - start) / 1000;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (status) => {
      // The last line of `times`: user and system time of all that the shell waited for.
      const times = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(output)?.slice(1).map(Number);
      if (status !== 0 || times === undefined) return fail(new Error(output));
      const [userMinutes, userSeconds, systemMinutes, systemSeconds] = times as [number, number, number, number];
      done({ seconds: (performance.now() - start) / 1000, cpuSeconds: (userMinutes + systemMinutes) * 60 + userSeconds + systemSeconds, firstFrame });
    });
  });
}
