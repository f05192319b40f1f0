// What the command line says of itself, whole. After a change that is meant: GOLDEN=1 node --import tsx --test test/cli/help.test.ts
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Scene } from './rig.ts';

const golden: Readonly<Record<string, readonly string[]>> = {
  'help.txt': ['--help'],
  'build.txt': ['build', '--help'],
  'watch.txt': ['watch', '--help'],
  'run.txt': ['run', '--help'],
  'plan.txt': ['plan', '--help'],
  'why.txt': ['why', '--help'],
  'history.txt': ['history', '--help'],
  'diff.txt': ['diff', '--help'],
  'graph.txt': ['graph', '--help'],
  'inspect.txt': ['inspect', '--help'],
  'cache.txt': ['cache', '--help'],
  'targets.txt': ['targets', '--help'],
  'doctor.txt': ['doctor', '--help'],
  'init.txt': ['init', '--help'],
  'schema.txt': ['schema', '--help'],
  'completion.txt': ['completion', '--help'],
};

for (const [name, args] of Object.entries(golden)) {
  test(`axbuild ${args.join(' ')}`, async (t) => {
    const { status, stdout, stderr } = await run(t, ...args);
    const path = join(import.meta.dirname, 'golden', name);
    if (process.env['GOLDEN'] === '1') writeFileSync(path, stdout);
    assert.equal(stdout, readFileSync(path, 'utf8'));
    assert.deepEqual([status, stderr], [0, '']);
  });
}

test('other words for the same', async (t) => {
  const overview = readFileSync(join(import.meta.dirname, 'golden/help.txt'), 'utf8');
  for (const args of [[], ['help'], ['-h'], ['help', 'help']]) assert.equal((await run(t, ...args)).stdout, overview, args.join(' '));
  assert.equal((await run(t, 'help', 'run')).stdout, readFileSync(join(import.meta.dirname, 'golden/run.txt'), 'utf8'));
});

test('the versions of the package, of its code, and of what runs it', async (t) => {
  const root = join(import.meta.dirname, '../..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const { whole } = JSON.parse(readFileSync(join(root, 'dist/code.json'), 'utf8')) as { whole: string };
  const runtime = JSON.parse(readFileSync(join(root, 'node_modules/onnxruntime-node/package.json'), 'utf8')) as { version: string };
  const stdout = `axbuild ${version}\n  code              ${whole}\n  node              ${process.version}\n  onnxruntime-node  ${runtime.version}\n`;
  for (const args of [['version'], ['--version']]) assert.deepEqual(await run(t, ...args), { status: 0, stdout, stderr: '' });
});

const wrong: readonly (readonly [string, string])[] = [
  ['buildd', 'unknown command "buildd"\n   try  build\n'],
  ['compile', 'unknown command "compile"\n   known  build, watch, run, plan, why, history, diff, graph, inspect, cache, targets, doctor, init, schema, completion, help, version\n'],
  ['help compile', 'unknown command "compile"\n   known  build, watch, run, plan, why, history, diff, graph, inspect, cache, targets, doctor, init, schema, completion, help, version\n'],
  ['build --compiler.chek 2', 'unknown flag --compiler.chek\n   try  --compiler.check\n'],
  ['build --verbose', 'unknown flag --verbose\n   try  --help\n'],
  ['build --memory lots', '--memory "lots" makes no sense\n   known  a number with K, M, G or T, e.g. 4G\n'],
  ['build --memory 0G', '--memory "0G" makes no sense\n   known  a number with K, M, G or T, e.g. 4G\n'],
  ['build --log-format xml', '--log-format "xml" makes no sense\n   known  plain, json, tui, github\n'],
  ['build -j 0', '--jobs "0" makes no sense\n   known  a whole number from 1\n'],
  ['build --config', '--config needs a value\n   like  --config FILE\n'],
  ['build det --input det.onnx', '"det" and --input don\'t go together\n   because  goals are models of a manifest; --input and --config build without one\n'],
  ['run model.axmodel', 'axbuild run takes no word "model.axmodel"\n   usage  axbuild run --model FILE --input_dir DIR --output_dir DIR\n'],
  ['run --model x', '--input_dir is missing\n   about  Folder of inputs: <tensor>.bin or <tensor>.npy, every character outside A-Z a-z 0-9 _ - replaced by _.\n--output_dir is missing\n   about  Folder for outputs, named in the same way.\n'],
];

for (const [line, says] of wrong) {
  test(`axbuild ${line}: exit code 2, and why`, async (t) => {
    assert.deepEqual(await run(t, ...line.split(' ')), { status: 2, stdout: '', stderr: says });
  });
}

function run(t: { after: (act: () => void) => void }, ...args: string[]): ReturnType<Scene['axbuild']> {
  const scene = new Scene();
  t.after(() => scene.remove());
  return scene.axbuild(args);
}
