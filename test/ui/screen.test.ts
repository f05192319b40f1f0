// The screen in a real terminal: recorded builds shown on it, read as a person reads it. The frames are in docs/frames;
// UPDATE_GOLDEN=1 writes them anew.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { noTerminal, Terminal } from '../rig/terminal.ts';

const root = join(import.meta.dirname, '../..');
const sizes = { '80x24': { columns: 80, rows: 24 }, '200x60': { columns: 200, rows: 60 } } as const;

function replay(t: test.TestContext, size: keyof typeof sizes, ...args: readonly string[]): Terminal {
  return new Terminal(t, { ...sizes[size], command: [process.execPath, '--import', 'tsx', 'test/ui/replay.ts', ...args], cwd: root, env: { NODE_ENV: 'production' } });
}

function assertFrame(frame: string, name: string): void {
  const file = join(root, 'docs/frames', `${name}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, `${frame}\n`);
  assert.equal(`${frame}\n`, readFileSync(file, 'utf8'));
}

const quarter = '7000';
const scenes: readonly { readonly name: string; readonly args: readonly string[]; readonly keys: readonly string[]; readonly shows: string }[] = [
  { name: 'cold', args: ['cold', quarter], keys: [], shows: '? help' },
  { name: 'failed', args: ['failed'], keys: [], shows: '1 failed' },
  { name: 'edited', args: ['edited'], keys: [], shows: '1 built' },
];

for (const size of ['80x24', '200x60'] as const) {
  for (const { name, args, keys, shows } of scenes) {
    test(`${name}, ${size}: one screen, as docs/frames shows it`, { skip: noTerminal }, async (t) => {
      const terminal = replay(t, size, ...args);
      await terminal.shows('jobs ──');
      terminal.press(...keys);
      assertFrame(await terminal.settled(shows), `${name}-${size}`);
    });
  }
}

test('the log of the job under the cursor, its end first, and back', { skip: noTerminal }, async (t) => {
  const terminal = replay(t, '80x24', 'failed');
  await terminal.shows('jobs ──');
  terminal.press('l');
  assertFrame(await terminal.settled('scroll'), 'log-80x24');
  terminal.press('k');
  await terminal.shows('1 below');
  terminal.press('Escape');
  await terminal.shows('f filter');
});

test('the cursor goes to another job, and w says why that one ran', { skip: noTerminal }, async (t) => {
  const terminal = replay(t, '80x24', 'failed');
  await terminal.shows('❯ running  check det backbone');
  terminal.press('Down', 'j');
  await terminal.shows('❯ failed   check det p2o.Conv.61');
  terminal.press('w');
  const screen = await terminal.shows('U8 -> U16');
  assert.match(screen, /^── why: check det p2o\.Conv\.61 ─+$/m);
});

test('f shows all jobs, those that run, those that failed, those that were built', { skip: noTerminal }, async (t) => {
  const terminal = replay(t, '80x24', 'failed');
  await terminal.shows('jobs ──');
  terminal.press('f');
  await terminal.shows('jobs: running ──');
  terminal.press('f');
  const failed = await terminal.shows('jobs: failed ──');
  assert.deepEqual(failed.match(/^[❯ ] (running|failed|built) .*$/gm), ['❯ failed   check det p2o.Conv.61                             2.0 s']);
  terminal.press('f', 'f');
  await terminal.shows('jobs ──');
});

test('? lists the keys', { skip: noTerminal }, async (t) => {
  const terminal = replay(t, '80x24', 'edited');
  await terminal.shows('jobs ──');
  terminal.press('?');
  assertFrame(await terminal.settled('filter: all jobs'), 'help-80x24');
});

test('the screen follows the size of the terminal', { skip: noTerminal }, async (t) => {
  const terminal = replay(t, '80x24', 'failed');
  await terminal.shows('jobs ──');
  terminal.resize(200, 60);
  await terminal.shows('waiting  running      hit');
  terminal.resize(80, 24);
  await terminal.until((screen) => !screen.includes('waiting  running'), 'cells in place of the table');
  assertFrame(await terminal.settled('✗ check'), 'failed-80x24');
});

for (const size of ['80x24', '200x60'] as const) {
  test(`${size}: characters of two columns break no row, and move no panel`, { skip: noTerminal }, async (t) => {
    const frame = await replay(t, size, 'broad').settled('? help');
    const rows = frame.split('\n');
    assert.equal(rows.length, sizes[size].rows, frame);
    assert.ok(rows[0]!.startsWith('axbuild  building det') && rows.at(-1)!.startsWith('f filter'), frame);
    const columnOf = (row: string, text: string): number => row.slice(0, row.indexOf(text)).replace(/[^\u0000-\u2fff]/g, '  ').length;
    const [jobs, running] = ['── jobs ──', '❯ running'].map((text) => columnOf(rows.find((row) => row.includes(text))!, text));
    assert.equal(running, jobs, frame);
  });
}

test('q gives the terminal back as it was', { skip: noTerminal }, async (t) => {
  const terminal = replay(t, '80x24', 'edited');
  await terminal.shows('jobs ──');
  terminal.press('q');
  assert.equal(await terminal.shows('ended with'), 'seen 17 events\nended with 0');
});
