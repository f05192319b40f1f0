// What a person reads of `axbuild watch` on a pipe, whole, with times masked. After a change that is meant: GOLDEN=1 node --import tsx --test test/cli/watch-lines.test.ts
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { manifestOf, plain } from '../pipeline/scene.ts';
import { makeScene } from './rig.ts';

const entry = join(import.meta.dirname, '../../dist/axbuild.js');
const golden = join(import.meta.dirname, 'golden/watch-lines.txt');

test('each round on a pipe: what changed, what was built, what ran, what it saved, how the numbers moved', async (t) => {
  const scene = makeScene(t);
  const child = spawn(process.execPath, [entry, 'watch', '-j', '1'], { cwd: scene.folder, stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  let heard = (): void => {};
  // In one text, in the order in which they are said: of each round the faults are said before anything else.
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      heard();
    });
  }
  const rest = (rounds: number): Promise<void> => new Promise((done) => {
    heard = () => text.split('\nwatching ').length > rounds && done();
    heard();
  });
  const layers = [{ layer_name: 'branch_node', data_type: 'U16' }];
  const manifest = JSON.stringify(manifestOf({ ...plain, layers }));
  const edits = [manifest, `# a comment\n${manifest}`, JSON.stringify(manifestOf({ ...plain, layers, check: 1 })), JSON.stringify(manifestOf({ ...plain, layers, range: { start: ['join'], end: ['left'], options: { check: 2 } } }))];
  await rest(1);
  for (const [i, edit] of edits.entries()) {
    scene.write('axbuild.yaml', edit);
    await rest(i + 2);
  }
  child.stdin.write('r\n');
  await rest(edits.length + 2);
  child.stdin.write('q\n');
  await new Promise((done) => child.on('close', done));
  // Of jobs that took long, a slow machine says more.
  const masked = text.replace(/^ {2}(running|built|\d+ done) .*\n/gm, '').replace(/\b(\d+\.\d s|\d+ ms)/g, '<time>');
  if (process.env['GOLDEN'] === '1') writeFileSync(golden, masked);
  assert.equal(masked, readFileSync(golden, 'utf8'));
  assert.doesNotMatch(text, /\x1b/, 'no escape code');
});
