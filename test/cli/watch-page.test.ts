// docs/watch.md: every command that it shows runs, and watches.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { smallNetwork } from '../rig/network.ts';
import { makeScene } from './rig.ts';
import { Watcher } from './watcher.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/watch.md'), 'utf8');
const commands = [...page.matchAll(/^ {4}axbuild watch(.*)$/gm)].map((match) => match[1]!.trim());

test('the page shows commands', () => assert.ok(commands.length >= 4));

for (const command of new Set(commands)) {
  test(`axbuild watch ${command}`, async (t) => {
    const scene = makeScene(t);
    const { models: { small } } = JSON.parse(scene.read('axbuild.yaml').toString()) as { models: { small: { config: object } } };
    scene.write('det.onnx', smallNetwork());
    scene.write('det.json', JSON.stringify(small.config));
    scene.write('axbuild.yaml', 'models:\n  det:\n    input: det.onnx\n    config: det.json\n');
    const watcher = new Watcher({ cwd: scene.folder, args: command.split(' ').filter((word) => word !== '') });
    t.after(() => watcher.kill());
    const events = await watcher.round();
    const summary = events.find(({ event }) => event === 'summary');
    assert.ok(summary?.event === 'summary');
    assert.deepEqual(Object.values(summary.goals), ['built']);
    watcher.press('q');
    assert.equal(await watcher.ended, 0);
  });
}
