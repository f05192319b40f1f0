// Every command on docs/tui.md runs, and its table of keys is the screen's.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { keyTable } from '../../src/ui/tui/keys.ts';
import { makeScene } from '../cli/rig.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/tui.md'), 'utf8');
const commands = [...page.matchAll(/^axbuild (.*?) *(?:#.*)?$/gm)].map((match) => match[1]!);

test('every command on the page runs, and says how it went in its own form', async (t) => {
  assert.equal(commands.length, 4);
  const scene = makeScene(t);
  for (const command of commands) {
    const { status, stdout, stderr } = await scene.axbuild(command.split(' '));
    assert.deepEqual({ command, status, stderr }, { command, status: 0, stderr: '' });
    assert.match(stdout, command.includes('json') ? /^\{"event":"summary",.*\}\n$/m : /^1 goal, jobs: .*\n$/m);
  }
});

test('the page lists the keys of the screen', () => {
  const listed = [...page.matchAll(/^\| (`.*?`(?:,? ?(?:`.`|Ctrl-C))*) \|/gm)].flatMap((match) => [...match[1]!.matchAll(/`(.)`/g)].map((key) => key[1]!));
  assert.deepEqual(listed, keyTable.flatMap(({ name }) => name.split(' ')));
});
