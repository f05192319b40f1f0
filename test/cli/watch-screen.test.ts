// `axbuild watch` on a real terminal: its screen, its keys.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { manifestOf, plain } from '../pipeline/scene.ts';
import { noTerminal, Terminal } from '../rig/terminal.ts';
import { makeScene } from './rig.ts';

const entry = join(import.meta.dirname, '../../dist/axbuild.js');

test('the screen stays through the rounds, a rebuild is a key, and q ends with the lines of the last round', { skip: noTerminal }, async (t) => {
  const scene = makeScene(t);
  const terminal = new Terminal(t, { columns: 100, rows: 30, cwd: scene.folder, command: [process.execPath, entry, 'watch'] });
  await terminal.shows('61/61 jobs');
  scene.write('axbuild.yaml', JSON.stringify(manifestOf({ ...plain, layers: [{ layer_name: 'branch_node', data_type: 'U16' }] })));
  await terminal.shows('62/62 jobs');
  terminal.press('r');
  await terminal.shows('unchanged');
  terminal.press('q');
  const left = await terminal.shows('ended with 0');
  assert.match(left, /^1 goal, jobs: none; /m);
});
