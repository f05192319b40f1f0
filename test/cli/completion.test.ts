// Completion as a shell does it: the script that axbuild prints, in a real bash.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Scene } from './rig.ts';

const entry = join(import.meta.dirname, '../../dist/axbuild.js');

/** What bash offers at the end of these words, which are cut as bash cuts a line. */
function offered(scene: Scene, ...words: string[]): string[] {
  const script = `source <(axbuild completion bash); COMP_WORDS=(axbuild ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _axbuild; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: scene.folder, encoding: 'utf8', env: { ...process.env, PATH: `${join(scene.folder, 'bin')}:${process.env['PATH']}` } });
  assert.equal(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

test('bash completes commands, flags, values, files and goals', (t) => {
  const scene = new Scene();
  t.after(() => scene.remove());
  scene.write('bin/axbuild', `#!/bin/sh\nexec "${process.execPath}" "${entry}" "$@"\n`);
  chmodSync(join(scene.folder, 'bin/axbuild'), 0o755);
  scene.write('axbuild.yaml', 'models:\n  cls: {input: c.onnx}\n  det: {input: d.onnx, matrix: {npu_mode: [NPU1, NPU2], compiler.check: [0, 2]}}\n');
  scene.write('det.json', '{}');

  assert.deepEqual(offered(scene, 'b'), ['build']);
  assert.deepEqual(offered(scene, 'build', '--npu'), ['--npu_mode']);
  assert.deepEqual(offered(scene, 'build', '--npu_mode', ''), ['NPU1', 'NPU2', 'NPU3', 'NPU4', 'NPU5']);
  assert.deepEqual(offered(scene, 'plan', '--onnx_opt.model_check', 't'), ['true']);
  assert.deepEqual(offered(scene, 'build', '--log-format', ''), ['plain', 'json', 'tui', 'github']);
  assert.deepEqual(offered(scene, 'build', '--config', 'de'), ['det.json']);
  assert.deepEqual(offered(scene, 'inspect', 'de'), ['det.json']);
  assert.deepEqual(offered(scene, 'build', ''), ['cls', 'det@NPU1-check=0', 'det@NPU1-check=2', 'det@NPU2-check=0', 'det@NPU2-check=2', 'det']);
  // bash has cut det@NPU2-check=2 into det, @, NPU2-check, = and 2: what comes back replaces the last of them.
  assert.deepEqual(offered(scene, 'build', 'det', '@', 'NPU2'), ['NPU2-check=0', 'NPU2-check=2']);
  assert.deepEqual(offered(scene, 'build', 'det', '@'), ['NPU1-check=0', 'NPU1-check=2', 'NPU2-check=0', 'NPU2-check=2']);
  assert.deepEqual(offered(scene, 'build', 'cls', 'det', '@', 'NPU2-check', '=', '2'), ['2']);
  assert.deepEqual(offered(scene, 'targets', 'AX65'), ['AX650']);
  assert.deepEqual(offered(scene, 'cache', ''), ['stats', 'clear']);

  scene.write('axbuild.yaml', 'models: [broken');
  assert.deepEqual(offered(scene, 'build', 'd'), []);
});

for (const shell of ['zsh', 'fish']) {
  test(`the script for ${shell} names every command; ${shell} itself reads it, where there is one`, async (t) => {
    const scene = new Scene();
    t.after(() => scene.remove());
    const { stdout, status } = await scene.axbuild(['completion', shell]);
    assert.equal(status, 0);
    for (const word of ['build', 'completion', 'goals', 'npu_mode', 'NPU3', 'AX620E']) assert.ok(stdout.includes(word), word);
    scene.write('script', stdout);
    const read = spawnSync(shell, ['-n', join(scene.folder, 'script')], { encoding: 'utf8' });
    if (read.error === undefined) assert.deepEqual([read.status, read.stderr], [0, '']);
  });
}

test('a shell that axbuild has no script for', async (t) => {
  const scene = new Scene();
  t.after(() => scene.remove());
  assert.deepEqual(await scene.axbuild(['completion', 'csh']), { status: 2, stdout: '', stderr: 'no completion for "csh"\n   known  bash, zsh, fish\n' });
});
