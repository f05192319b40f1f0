// docs/manifests.md: its manifests are built, its commands are run, in the order of the page.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { makeScene } from '../cli/rig.ts';
import { manifestOf, plain } from '../pipeline/scene.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/manifests.md'), 'utf8');
const sections = page.split(/^(?=## )/m);

for (const section of sections) {
  const title = /^#+ (.*)/.exec(section)![1]!;
  test(`docs/manifests.md, ${title}`, (t) => {
    const scene = makeScene(t);
    scene.write('bin/axbuild', `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'dist/axbuild.js')}" "$@"\n`);
    chmodSync(join(scene.folder, 'bin/axbuild'), 0o755);
    const { models } = manifestOf({ ...plain, range: null, check: 0 }) as { models: { small: { config: object } } };
    const model = scene.read('small.onnx');
    for (const name of ['models/small.onnx', 'other/small.onnx', 'cameras/small.onnx', 'common/small.onnx']) scene.write(name, model);
    scene.write('calibration/small.tar', readFileSync(join(root, 'examples/data/cls-calibration.tar'))); // pictures, as init asks for
    scene.write('small.json', JSON.stringify(models.small.config));
    const config = JSON.parse(JSON.stringify(models.small.config).replace('images.tar', '../images.tar')) as object;
    scene.write('common/axbuild.yaml', JSON.stringify({ models: { small: { input: 'small.onnx', config } } }));
    scene.write('cameras/axbuild.yaml', JSON.stringify({ models: { eye: { input: 'small.onnx', config } } }));

    const run = (command: string): void => {
      const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd: scene.folder, encoding: 'utf8', env: { ...process.env, PATH: `${join(scene.folder, 'bin')}:${process.env['PATH']}` } });
      assert.equal(status, 0, `${command}\n${stdout}${stderr}`);
    };
    if (section.includes('axbuild init')) run('rm axbuild.yaml');
    const blocks = [...section.matchAll(/```(yaml|sh)\n([^]*?)```/g)].map(([, kind, text]) => ({ kind, text: text! }));
    for (const [i, { kind, text }] of blocks.entries()) {
      if (kind === 'yaml') {
        scene.write('axbuild.yaml', text);
        if (blocks[i + 1]?.kind !== 'sh') run('axbuild build');
      } else for (const line of text.trimEnd().split('\n')) run(line);
    }
  });
}

test('the goals that the page says there are', (t) => {
  const scene = makeScene(t);
  const matrix = sections.find((section) => section.startsWith('## matrix'))!;
  scene.write('axbuild.yaml', /```yaml\n([^]*?)```/.exec(matrix)![1]!);
  const { stdout } = spawnSync(process.execPath, [join(root, 'dist/axbuild.js'), 'completion', 'goals'], { cwd: scene.folder, encoding: 'utf8' });
  const said = /completion goals +# (.*)/.exec(matrix)![1]!.split(', ');
  assert.deepEqual(stdout.trimEnd().split('\n'), [...said, 'small']);
});
