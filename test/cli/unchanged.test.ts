// What a second `axbuild build` does when there is nothing to do, or nothing but files to put back.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventsOf, jobs, makeScene, summaryOf } from './rig.ts';

test('an unchanged goal is said to be unchanged, and nothing is written', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  const before = scene.stamps('.');
  const { status, stdout, stderr } = await scene.axbuild(['build']);
  assert.equal(status, 0);
  assert.match(stdout, /^small {2}unchanged {2}0\.\d s\n1 goal, jobs: none; 0\.\d s\n$/);
  assert.equal(stderr, '');
  assert.deepEqual(scene.stamps('.'), before);
});

test('an unchanged goal loads neither the toolchain nor a package', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  // V8 writes down every script that a process loaded.
  const coverage = join(scene.folder, 'coverage');
  await scene.axbuild(['build'], { env: { NODE_V8_COVERAGE: coverage } });
  const loaded = readdirSync(coverage).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] };
    return result.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []));
  });
  assert.ok(loaded.some((path) => path.endsWith('dist/axbuild.js')));
  // The bundle's maps tell which sources its chunks are made of.
  const sources = loaded.flatMap((path) => (JSON.parse(readFileSync(`${path}.map`, 'utf8')) as { sources: string[] }).sources.map((source) => source.replace(/^(\.\.\/)+/, '')));
  const [builtins, own] = [sources.filter((source) => source.startsWith('builtin:')), sources.filter((source) => !source.startsWith('builtin:'))];
  // Not child_process, which takes as long to load as the rest of axbuild.
  assert.deepEqual([...new Set(builtins)].sort(), ['crypto', 'fs', 'module', 'os', 'path', 'url'].map((name) => `builtin:node:${name}`));
  const rooms = new Set(own.map((source) => source.replace(/^(src\/\w+|[^/]+)\/.*/, '$1')));
  assert.deepEqual([...rooms].sort(), ['src/base', 'src/cli', 'src/config', 'src/engine', 'src/ui']);
  // Of these rooms, not what reads files or runs jobs.
  const heavy = /config\/(read|yaml|relaxed-json|manifest|matrix|extends|environment|select|shape|json-schema|resolve|check)|engine\/(start|store|job|recipe|outputs|past|plan|why)|cli\/(build-goal|goals|run|help|plan|why|inspect|cache\.|targets|init|first-manifest|schema|completion)/;
  assert.deepEqual(own.filter((source) => heavy.test(source)), []);
});

test('an unchanged goal loads no native library: neither LMDB, nor ONNX Runtime, nor sharp', async (t) => {
  const scene = makeScene(t);
  // As a process ends it writes down what the system's loader has mapped for it.
  scene.write('mapped.cjs', "process.on('exit', () => require('node:fs').appendFileSync(`${__dirname}/mapped`, process.report.getReport().sharedObjects.join('\\n') + '\\n'));");
  const build = async (): Promise<string[]> => {
    scene.write('mapped', '');
    await scene.axbuild(['build'], { env: { NODE_OPTIONS: `--require ${join(scene.folder, 'mapped.cjs')}` } });
    return scene.read('mapped').toString('utf8').split('\n').filter((path) => path.includes('node_modules'));
  };
  const cold = await build();
  for (const name of ['lmdb', 'onnxruntime']) assert.ok(cold.some((path) => path.includes(name)), `a cold build maps ${name}`);
  assert.deepEqual(await build(), []);
});

test('outputs deleted or edited by hand are restored, and no job runs', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  const right = scene.digests();
  const kept = scene.stamps()['small/build_context.json'];
  rmSync(join(scene.folder, 'output/small/frontend'), { recursive: true });
  writeFileSync(join(scene.folder, 'output/small/compiled.axmodel'), 'edited by hand');
  const events = await scene.make();
  assert.deepEqual(scene.digests(), right);
  assert.equal(scene.stamps()['small/build_context.json'], kept, 'what is in place is left alone');
  assert.deepEqual({ ...jobs(events), hit: 0 }, { hit: 0, built: 0, failed: 0, skipped: 0 });
  const goal = events.find((event) => event.event === 'goal');
  assert.deepEqual(goal?.event === 'goal' && goal.written, ['compiled.axmodel', 'frontend/optimized.onnx'].map((name) => join(scene.folder, 'output/small', name)));
  assert.equal(summaryOf(await scene.make()).goals['small'], 'unchanged');
});

test('files touched: no job runs, no output is written, and the next build is unchanged again', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  const before = scene.stamps();
  for (const name of ['axbuild.yaml', 'small.onnx', 'images.tar']) utimesSync(join(scene.folder, name), 1_000_000, 1_000_000);
  const events = await scene.make();
  assert.equal(summaryOf(events).goals['small'], 'built');
  assert.equal(jobs(events).built, 0);
  assert.deepEqual(scene.stamps(), before);
  assert.equal(summaryOf(await scene.make()).goals['small'], 'unchanged');
});

test('JSON lines: one event a line, the summary last and exactly as documented', async (t) => {
  const scene = makeScene(t);
  const { status, stdout, stderr } = await scene.axbuild(['build', '--log-format', 'json', '-j', '2']);
  assert.equal(status, 0);
  assert.equal(stderr, '');
  assert.ok(stdout.endsWith('}\n'));
  const events = eventsOf(stdout);
  const [first] = events;
  assert.ok(first?.event === 'build' && first.memoryBytes > 0);
  assert.deepEqual(first, { event: 'build', workspace: scene.folder, goals: ['small'], jobs: 2, memoryBytes: first.memoryBytes });
  assert.ok(events.some((event) => event.event === 'goal' && event.numbers!['cycles']! > 0 && event.numbers!['bytes']! > 0));
  const summary = summaryOf(events);
  assert.deepEqual(Object.keys(summary), ['event', 'goals', 'tasks', 'seconds']);
  assert.deepEqual(summary.goals, { small: 'built' });
  assert.deepEqual(summary.tasks['observe'], { hit: 0, built: 3, failed: 0, skipped: 0 });
  for (const [task, counts] of Object.entries(summary.tasks)) assert.deepEqual(Object.keys(counts), ['hit', 'built', 'failed', 'skipped'], task);
  assert.equal(typeof summary.seconds, 'number');
  const ran = events.filter((event) => event.event === 'finished' && event.outcome === 'built').length;
  assert.equal(jobs(events).built, ran);

  const again = eventsOf((await scene.axbuild(['build', '--log-format', 'json'])).stdout);
  assert.deepEqual(again.map((event) => event.event), ['goal', 'summary']);
  assert.deepEqual({ ...summaryOf(again), seconds: 0 }, { event: 'summary', goals: { small: 'unchanged' }, tasks: {}, seconds: 0 });
});

test('JSON lines of a configuration that is wrong: its faults, and the summary', async (t) => {
  const scene = makeScene(t);
  scene.write('axbuild.yaml', 'models:\n  small:\n    inputt: small.onnx\n');
  const { status, stdout, stderr } = await scene.axbuild(['build', '--log-format', 'json']);
  assert.equal(status, 2);
  assert.equal(stderr, '');
  const events = eventsOf(stdout);
  assert.deepEqual(events.map((event) => event.event), ['fault', 'summary']);
  assert.deepEqual({ ...summaryOf(events), seconds: 0 }, { event: 'summary', goals: {}, tasks: {}, seconds: 0 });
});

test('piped output has no escape codes, and tells what was written', async (t) => {
  const scene = makeScene(t);
  const { stdout, stderr } = await scene.axbuild(['build']);
  assert.equal(stderr, '');
  assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f]/);
  const lines = stdout.split('\n').filter((line) => !/^ {2}(built {2}|running {2}|\d+ done, )/.test(line));
  assert.match(lines[0]!, /^small {2}built {2}\d+(\.\d)? s$/);
  assert.deepEqual(lines.slice(1, -2), ['build_context.json', 'compiled.axmodel', 'frontend/optimized.onnx', 'quant/quant_axmodel.data', 'quant/quant_axmodel.json', 'quant/quant_axmodel.onnx', 'quant/quant_qdq.data', 'quant/quant_qdq.onnx'].map((name) => `  wrote  output/small/${name}`));
  assert.match(lines.at(-2)!, /^1 goal, jobs: \d+ built; \d+(\.\d)? s$/);
});
