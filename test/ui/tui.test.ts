// The screen's logic, without a terminal: keys, rows, widths, and what is written to draw a frame.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Key } from '../../src/base/digest.ts';
import { frameOf } from '../../src/ui/tui/frame.ts';
import { firstState, press, type Heard, type ScreenState } from '../../src/ui/tui/keys.ts';
import { allot, narrowRows, wideRows } from '../../src/ui/tui/layout.ts';
import type { ListedJob } from '../../src/ui/tui/list.ts';
import { openPainter } from '../../src/ui/tui/painter.ts';
import { styled, written } from '../../src/ui/tui/row.ts';
import { barOf, fitted, shortened, windowOf } from '../../src/ui/tui/text.ts';
import { emptyView, fold } from '../../src/ui/view.ts';
import { rounds, seeded } from '../quant/seeded.ts';
import { streams } from './streams.ts';

const heard: Heard = { cancel: true, rebuild: true, quit: true, why: true };
const jobs = ['a', 'b', 'c'].map((label): ListedJob => ({ key: label as Key, task: 'tile', label, state: 'running', seconds: 1 }));
const typed = (keys: readonly string[], state: ScreenState = firstState): ScreenState => keys.reduce((last, key) => press(last, key, jobs, heard).state, state);

test('the cursor stays on its job, whatever is listed before it', () => {
  const state = typed(['j', 'down']);
  assert.equal(state.cursor, 'c');
  assert.equal(press(state, 'k', [jobs[2]!, jobs[0]!], heard).state.cursor, 'c', 'nothing is above the first');
  assert.equal(press(state, 'up', jobs, heard).state.cursor, 'b');
  assert.equal(press(firstState, 'j', [], heard).state.cursor, undefined);
});

test('l and ? open and close; escape closes; in a log the arrows scroll', () => {
  assert.equal(typed(['l']).panel, 'log');
  assert.equal(typed(['l']).cursor, 'a', 'the log stays with its job');
  assert.equal(typed(['l', 'l']).panel, 'overview');
  assert.equal(typed(['?', 'escape']).panel, 'overview');
  assert.deepEqual([typed(['l', 'k', 'k', 'j']).scroll, typed(['l', 'j']).scroll, typed(['l', 'k', 'escape', 'l']).scroll], [1, 0, 0]);
  assert.deepEqual(typed(['w', 'j', 'j']).scroll, 2);
});

test('what nobody would hear is no key', () => {
  const deaf: Heard = { cancel: true, rebuild: false, quit: true, why: false };
  assert.deepEqual(['r', 'w', 'x'].map((key) => press(firstState, key, jobs, deaf)), Array(3).fill({ state: firstState }));
  assert.equal(press(firstState, 'r', jobs, heard).wish, 'rebuild');
  assert.equal(press(firstState, 'c', jobs, heard).wish, 'cancel');
  assert.equal(press(firstState, 'ctrl+c', jobs, heard).wish, 'quit');
  assert.equal(press(firstState, 'w', [], heard).wish, undefined, 'there is no job to ask about');
});

test('rows: never more than there are, the first wishes first, and what takes any number shares the rest', () => {
  const wants = [{ name: 'goals', least: 2, most: 4 }, { name: 'jobs', least: 3, most: Infinity }, { name: 'log', least: 3, most: Infinity }] as const;
  assert.deepEqual(allot(20, wants), { goals: 4, units: 0, stages: 0, jobs: 8, log: 8, faults: 0 });
  assert.deepEqual(allot(9, wants), { goals: 3, units: 0, stages: 0, jobs: 3, log: 3, faults: 0 });
  assert.deepEqual(allot(5, wants), { goals: 2, units: 0, stages: 0, jobs: 3, log: 0, faults: 0 });
});

test('whatever there is to show, the panels fit the screen', () => {
  const random = seeded();
  const below = (n: number): number => Math.floor(random() * n);
  const sum = (rows: Readonly<Record<string, number>>): number => Object.values(rows).reduce((total, one) => total + one, 0);
  for (let i = 0; i < rounds(200); i++) {
    const [rows, columns] = [8 + below(80), 60 + below(200)];
    const contents = { goals: below(40), units: below(30), stages: below(40), faults: below(60) };
    const { left, right } = wideRows(rows, contents);
    const all = [narrowRows(rows, columns, contents), left, right];
    assert.ok(all.every((given) => sum(given) <= rows && Object.values(given).every((one) => one >= 0)), JSON.stringify({ rows, columns, contents, all }));
  }
});

test('long names lose their middle, control characters their power', () => {
  assert.equal(shortened('det backbone.stages.3.MatMul', 15), 'det bac….MatMul');
  assert.equal(shortened('short', 15), 'short');
  assert.equal(fitted('a\x1b[2J\n', 8), 'a\ufffd[2J\ufffd  ');
  assert.deepEqual([barOf(0, 4), barOf(0.5, 4), barOf(2, 4)], ['░░░░', '██░░', '████']);
});

test('a row is cut to its columns, styled where it may be, and what is not fit for a terminal stays harmless', () => {
  const row = ['one ', styled('two', 'bold', 'red'), ' \x1b[2Jthree'];
  assert.equal(written(row, 80, true), 'one \x1b[1;31mtwo\x1b[0m \ufffd[2Jthree');
  assert.equal(written(row, 80, false), 'one two \ufffd[2Jthree');
  assert.equal(written(row, 7, true), 'one \x1b[1;31mtw\x1b[0m…');
  assert.equal(written(row, 5, true), 'one …', 'nothing is left to style');
});

test('a frame is as large as the screen, whatever it shows', () => {
  const random = seeded();
  const below = (n: number): number => Math.floor(random() * n);
  for (const stream of Object.values(streams)) {
    const events = stream();
    let view = emptyView;
    events.forEach(({ at, event }, i) => {
      view = fold(view, event, at);
      if (events.length > 100 && i % 100 !== 0) return;
      const [rows, columns] = [16 + below(60), 60 + below(200)];
      const panel = (['overview', 'log', 'why', 'help'] as const)[below(4)]!;
      const frame = frameOf({ view, state: { ...firstState, panel }, heard, now: at, size: { columns, rows }, hasColours: false });
      assert.equal(frame.length, rows);
      // The second column of panels is at its own place.
      assert.ok(frame.every((row) => row.split('\x1b[K').every((part) => part.replace(/^\x1b\[\d+G/, '').length <= columns)), JSON.stringify({ rows, columns, panel, frame }));
    });
  }
});

test('a list too long for its rows shows what is under the cursor, and how many are not shown', () => {
  const items = Array.from({ length: 10 }, (_, i) => i);
  assert.deepEqual(windowOf(items, 10, 0), { items, more: 0 });
  assert.deepEqual(windowOf(items, 4, 0), { items: [0, 1, 2], more: 7 });
  assert.deepEqual(windowOf(items, 4, 6), { items: [5, 6, 7], more: 7 });
  assert.deepEqual(windowOf(items, 4, 9), { items: [7, 8, 9], more: 7 });
});

test('a frame is drawn by the rows that changed, each at its place; nothing scrolls, and the terminal is given back once', () => {
  let written: string[] = [];
  const painter = openPainter({ write: (text) => written.push(text) });
  assert.deepEqual(written, ['\x1b[?1049h\x1b[?25l\x1b[?7l']);
  painter.paint(['one', 'two']);
  written = [];
  painter.paint(['one', 'two']);
  assert.deepEqual(written, []);
  painter.paint(['one', 'TWO']);
  assert.deepEqual(written, ['\x1b[?2026h\x1b[2;1HTWO\x1b[K\x1b[?2026l']);
  written = [];
  painter.forget();
  painter.paint(['one']);
  assert.deepEqual(written, ['\x1b[?2026h\x1b[2J\x1b[1;1Hone\x1b[K\x1b[?2026l']);
  written = [];
  painter.leave();
  painter.leave();
  painter.paint(['late']);
  assert.deepEqual(written, ['\x1b[?7h\x1b[?25h\x1b[?1049l']);
});
