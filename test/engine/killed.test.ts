// A building process killed with -9 at random moments: the next build succeeds, its bytes are those of an undisturbed
// one, and nothing temporary is left.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import test from 'node:test';
import { makeFolder, randomFrom, seedOfTest } from './rig.ts';

const rounds = process.env['SOAK'] === '1' ? 30 : 3;

/** Runs the toy build; kills it after so many lines, or a little later; resolves with its last line. */
function run(folder: string, kill?: { lines: number; laterMs: number }): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ['--import', 'tsx', path(import.meta.dirname, 'toy-build.ts'), folder, '2'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    let killed = false;
    child.stdout.on('data', (chunk) => {
      said += String(chunk);
      if (kill === undefined || killed || said.split('\n').length <= kill.lines) return;
      killed = true;
      if (kill.laterMs === 0) child.kill('SIGKILL');
      else setTimeout(() => child.kill('SIGKILL'), kill.laterMs);
    });
    child.on('exit', (exit) => {
      if (exit !== 0 && !killed) fail(new Error(`exit ${exit}: ${said}`));
      else done(said.trimEnd().split('\n').at(-1) ?? '');
    });
  });
}

test('kill -9 at random moments costs nothing but the time', async () => {
  const random = randomFrom(seedOfTest());
  const undisturbed = makeFolder();
  writeFileSync(path(undisturbed, 'source'), 'some text');
  const right = (await run(undisturbed)).split(' ')[1];
  assert.match(right!, /^[0-9a-f]{64}$/);
  let folder = makeFolder();
  for (let round = 0; round < rounds; round++) {
    if (random(2) === 0) folder = makeFolder();
    writeFileSync(path(folder, 'source'), 'some text');
    await run(folder, { lines: random(140), laterMs: random(4) });
    const result = await run(folder);
    assert.equal(result.split(' ')[1], right, `round ${round}`);
    assert.deepEqual(readdirSync(path(folder, 'cache/v1/tmp')), []);
    assert.deepEqual(readdirSync(path(folder, 'cache/v1/running')), []);
  }
});
