// What the doctor finds, whole, with versions and amounts masked.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { makeScene, Scene } from './rig.ts';

function masked(text: string): string {
  return text.replace(/v?\d+\.\d+\.\d+/g, '#').replace(/\d+(\.\d+)? (GB|MB|kB|B)\b/g, '# $2').replace(/\d+ core\b/, '# cores').replace(/\d+ cores/, '# cores').replace(/\d+ jobs/, '# jobs');
}

const head = ['node              #, wanted >=#', 'onnxruntime-node  #', 'sharp             #', 'lmdb              #'];
const machine = 'machine           builds use # cores (-j) and # GB of memory';
const terminal = 'terminal          none: builds print plain lines';

test('nothing is wrong, before a build and after it', async (t) => {
  const scene = makeScene(t);
  const expected = (cache: string): string => [...head, `cache             .axbuild/cache, ${cache}`, 'disk              # GB left where the cache is', machine, terminal, 'manifest          axbuild.yaml, 1 goal'].map((line) => `ok  ${line}\n`).join('');
  const before = await scene.axbuild(['doctor']);
  assert.deepEqual([before.status, before.stderr, masked(before.stdout)], [0, '', `${expected('none yet')}nothing is in the way of a build\n`]);
  await scene.make();
  assert.equal(masked((await scene.axbuild(['doctor'])).stdout), `${expected('# jobs, # kB of # GB')}nothing is in the way of a build\n`);
});

test('a file in place of the cache, a manifest that is wrong: each with what to do, and the exit code says so', async (t) => {
  const scene = makeScene(t);
  scene.write('.axbuild/cache', '');
  scene.write('axbuild.yaml', 'models:\n  small:\n    input: small.onnx\n    confg: {}\n');
  const { status, stdout } = await scene.axbuild(['doctor']);
  assert.equal(status, 1);
  assert.equal(masked(stdout), [
    ...head.map((line) => `ok    ${line}`),
    'fail  cache             .axbuild/cache is no folder',
    '                        - --cache DIR puts the cache elsewhere',
    'ok    disk              # GB left where the cache is',
    `ok    ${machine}`,
    `ok    ${terminal}`,
    'fail  manifest          axbuild.yaml:4:5  unknown key "confg" in small',
    '                        - known: input, config, overrides, tags, output_dir, matrix',
    '                        - try: config',
    '2 of 9 must be mended before a build can work',
    '',
  ].join('\n'));
});

test('an index that ends the process which opens it', async (t) => {
  const scene = makeScene(t);
  scene.write('.axbuild/cache/v1/db/data.mdb', Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 151 + (i >> 8) * 31) % 251)));
  const { status, stdout } = await scene.axbuild(['doctor']);
  assert.equal(status, 1);
  assert.match(stdout, /\nfail {2}cache +\.axbuild\/cache, its index cannot be read\n(?: +- .*\n)? +- remove \.axbuild\/cache\/v1: the next build makes it anew\n/);
  rmSync(join(scene.folder, '.axbuild'), { recursive: true });
  await scene.make();
});

test('a model that is not there; no manifest at all', async (t) => {
  const scene = makeScene(t);
  rmSync(join(scene.folder, 'small.onnx'));
  const { status, stdout } = await scene.axbuild(['doctor']);
  assert.equal(status, 1);
  assert.match(stdout, /\nfail {2}manifest +axbuild\.yaml, 1 goal\n +- small: there is no model at small\.onnx\n1 of 9 /);
  const empty = new Scene();
  t.after(() => empty.remove());
  mkdirSync(join(empty.folder, 'sub'));
  const other = await empty.axbuild(['doctor', '--workspace', 'sub']);
  assert.equal(other.status, 0);
  assert.match(other.stdout, /\nwarn {2}manifest +no sub\/axbuild\.yaml\n +- only builds by --input and --config work here; --workspace DIR looks elsewhere\nnothing is in the way of a build\n$/);
});
