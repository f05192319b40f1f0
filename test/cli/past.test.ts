// Commands that tell of past builds: history, diff, graph, and the trace of one. On the small network, in processes of their own.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { BuildDifference } from '../../src/engine/builds.ts';
import type { Lineage } from '../../src/engine/lineage.ts';
import type { BuildRecord } from '../../src/engine/store.ts';
import { digestOf } from '../../src/base/digest.ts';
import { plain, put } from '../pipeline/scene.ts';
import { jobs, makeScene, refused, told, type Scene } from './rig.ts';

async function history(scene: Scene, ...args: string[]): Promise<BuildRecord[]> {
  return (await told(scene, 'history', '--json', ...args)).trimEnd().split('\n').map((line) => JSON.parse(line) as BuildRecord);
}

const left = { layer_name: 'left_node', data_type: 'U16' };

test('history and diff: each build that had something to do, with its settings, numbers and outputs', async (t) => {
  const scene = makeScene(t);
  assert.match(await refused(scene, 'history'), /^no build of .* is remembered\n {3}cache {2}.*\n {3}try {4}axbuild build\n$/);
  assert.equal(existsSync(join(scene.folder, '.axbuild')), false);
  const first = await scene.make();
  assert.match(await refused(scene, 'diff'), /^no build last~1 is remembered\n {3}builds {2}1 to 1\n/);
  await scene.make(); // unchanged: nothing to remember
  put(scene, { ...plain, layers: [left] });
  const second = await scene.make('small');
  put(scene, { ...plain, layers: [{ layer_name: 'lefd_node', data_type: 'U16' }] });
  assert.equal((await scene.axbuild(['build'])).status, 2);

  const builds = await history(scene);
  assert.deepEqual(builds.map(({ number, goals: [small] }) => [number, small!.goal, small!.outcome]), [[3, 'small', 'failed'], [2, 'small', 'built'], [1, 'small', 'built']]);
  const [, edit, cold] = builds as [BuildRecord, BuildRecord, BuildRecord];
  assert.deepEqual(edit.command, ['build', '--log-format', 'json', 'small']);
  const note = edit.goals[0]!;
  const event = second.find((one) => one.event === 'goal');
  assert.deepEqual(note.numbers, event?.event === 'goal' && event.numbers);
  assert.deepEqual([note.settings['quant.layer_configs[0].data_type'], note.settings['compiler.check'], note.settings['npu_mode']], ['U16', 2, undefined]);
  const digests = scene.digests('output/small');
  assert.deepEqual(Object.fromEntries(Object.entries(note.outputs!).map(([name, { digest }]) => [name, digest])), digests);
  assert.equal(note.outputs!['compiled.axmodel']!.size, scene.read('output/small/compiled.axmodel').byteLength);
  assert.equal(cold.jobs.length, jobs(first).built);
  assert.ok(edit.savedMs > 0 && cold.savedMs === 0);
  assert.deepEqual(edit.jobs.map(({ task, label }) => `${task} ${label}`).sort(), second.flatMap((one) => (one.event === 'finished' && one.outcome === 'built' ? [`${one.task} ${one.label}`] : [])).sort());

  const text = await told(scene, 'history', 'small', '-n', '2');
  assert.match(text, /^build {2}when +ran +took +goal +outcome +numbers\n3 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}.* {2}small {2}failed\n2 .* {2}small {2}built +.*cosine 0\.\d{5} -> 0\.\d{5} \(\+\d.*\n$/);
  assert.match(await refused(scene, 'history', 'smal'), /^no build of a goal "smal" is remembered\n {3}goals {2}small\n {3}try {4}small\n$/);
  assert.match(await refused(scene, 'history', '-n', '0'), /^--count "0" makes no sense\n/);

  const diff = await told(scene, 'diff', '1', '2');
  assert.match(diff, /^build 1 {2}.*\nbuild 2 {2}.*axbuild build --log-format json small\nsmall\n {2}settings\n {4}quant\.layer_configs\[0\]\.data_type +none {2}-> {2}U16\n {4}quant\.layer_configs\[0\]\.layer_name +none {2}-> {2}left_node\n {2}numbers\n/);
  assert.match(diff, new RegExp(`\\n {4}compiled\\.axmodel +${cold.goals[0]!.outputs!['compiled.axmodel']!.digest.slice(0, 12)} .*-> {2}${digestOf(scene.read('output/small/compiled.axmodel')).slice(0, 12)} `));
  assert.match(diff, /\nran in build 2\n/);
  assert.match(await told(scene, 'diff'), /^build 2 {2}.*\nbuild 3 {2}.*\nsmall {2}built, then failed\n {2}settings\n {4}quant\.layer_configs\[0\]\.layer_name {2}left_node {2}-> {2}lefd_node\n/);
  const found = JSON.parse(await told(scene, 'diff', '2', '2', '--json')) as BuildDifference;
  assert.deepEqual(found.goals.map(({ goal, settings, numbers, outputs }) => [goal, settings, numbers, outputs]), [['small', [], [], []]]);
  assert.match(await refused(scene, 'diff', 'first'), /^"first" names no build\n {3}builds {2}1 to 3\n {3}like +42, last, last~1\n/);
  assert.match(await refused(scene, 'diff', '1', '2', '3'), /^two builds are compared, not "3" as well\n/);
});

test('history: of this workspace alone, though several share the cache', async (t) => {
  const scene = makeScene(t);
  const cache = join(scene.folder, 'shared');
  await scene.make('--cache', cache);
  const other = makeScene(t);
  assert.match(await refused(other, 'history', '--cache', cache), /^no build of .* is remembered\n/);
  await other.make('--cache', cache);
  assert.deepEqual((await history(other, '--cache', cache)).map(({ number }) => number), [2]);
  assert.deepEqual((await history(scene, '--cache', cache)).map(({ number }) => number), [1]);
});

test('graph: of the last build, in three forms', async (t) => {
  const scene = makeScene(t);
  assert.match(await refused(scene, 'graph'), /^no build of .* is remembered\n/);
  const events = await scene.make();
  const { goal, jobs: all, readings, sources } = JSON.parse(await told(scene, 'graph', '--format', 'json')) as Lineage & { goal: string };
  const asked = new Set(events.flatMap((event) => (event.event === 'finished' ? [`${event.task} ${event.label}`] : [])));
  assert.deepEqual(new Set(all.map(({ task, label }) => `${task} ${label}`)), asked);
  assert.deepEqual([goal, sources], ['small', ['small.onnx', 'images.tar'].map((name) => join(scene.folder, name))]);
  const makersOf = (task: string, label: string, input: string): string[] => {
    const reader = all.findIndex((job) => job.task === task && [job.label, ...job.also].includes(label));
    return readings.flatMap(({ from, to, input: read }) => (to === reader && read === input && from.kind === 'job' ? [`${all[from.index]!.task} ${all[from.index]!.label}`] : []));
  };
  assert.deepEqual(makersOf('tile', 'small left_node', 'structure'), ['resolve small']);
  assert.deepEqual(makersOf('check', 'small left_node', 'constants'), ['values small left_node']);
  assert.deepEqual(makersOf('merge', 'small', 'sketches').length, 3);
  const dot = await told(scene, 'graph', 'small');
  assert.match(dot, /^digraph "small" \{\n/);
  assert.match(dot, /\n {2}"task tile" \[label="tile\\n\d+ jobs, .*\\n\d+ ran", shape=box, .*\];\n/);
  assert.match(dot, /\n {2}"task resolve" -> "task tile" \[label="structure"\];\n/);
  assert.match(dot, /\n {2}".*" \[label="small\.onnx", shape=note\];\n/);
  assert.equal((await told(scene, 'graph', '--all')).match(/\[label="tile\\n/g)!.length, all.filter(({ task }) => task === 'tile').length);
  assert.match(await told(scene, 'graph', '--format', 'mermaid'), /^---\ntitle: "small"\n---\nflowchart LR\n/);
  assert.match(await refused(scene, 'graph', 'smal'), /^no build of a goal "smal" is remembered\n {3}goals {2}small\n {3}try {4}small\n$/);
  assert.match(await refused(scene, 'graph', '--format', 'svg'), /^--format "svg" makes no sense\n {3}known {2}dot, mermaid, json\n$/);
});

interface Trace {
  readonly otherData: { readonly ran: number; readonly hits: number; readonly saved_ms: number; readonly goals: object; readonly critical_path: { readonly ms: number; readonly jobs: readonly { readonly job: string }[] } };
  readonly traceEvents: readonly { readonly ph: string; readonly name: string; readonly tid: number; readonly ts: number; readonly dur: number }[];
}

test('--trace: what ran, in lanes that never overlap; the critical path goes from the model to the container', async (t) => {
  const scene = makeScene(t);
  const trace = async (): Promise<Trace> => JSON.parse(readFileSync(join(scene.folder, 'traces/build.json'), 'utf8')) as Trace;
  const events = await scene.make('--trace', 'traces/build.json', '-j', '2');
  const { traceEvents, otherData } = await trace();
  const spans = traceEvents.filter(({ ph }) => ph === 'X');
  assert.equal(spans.length, jobs(events).built);
  assert.deepEqual([otherData.ran, otherData.hits, otherData.goals], [jobs(events).built, jobs(events).hit, { small: 'built' }]);
  for (const tid of new Set(spans.map((span) => span.tid))) {
    const lane = spans.filter((span) => span.tid === tid).sort((a, b) => a.ts - b.ts);
    // Times are rounded to whole microseconds.
    lane.slice(1).forEach((span, i) => assert.ok(span.ts >= lane[i]!.ts + lane[i]!.dur - 2, `${lane[i]!.name}, ${span.name}`));
  }
  const { critical_path: { ms, jobs: path } } = otherData;
  assert.match(path[0]!.job, /^(scan|load|unpack) /);
  assert.ok(path.length >= 4 && ms > 0 && ms <= Math.max(...spans.map(({ ts, dur }) => (ts + dur) / 1000)));

  // Nothing to do: a trace of nothing, not the old one.
  await scene.make('--trace', 'traces/build.json', '-j', '2');
  assert.deepEqual((await trace()).otherData.goals, { small: 'unchanged' });
  put(scene, { ...plain, layers: [left] });
  await scene.make('--trace', 'traces/build.json');
  const edit = await trace();
  assert.ok(edit.otherData.hits > 0 && edit.otherData.saved_ms > 0);
  assert.equal(edit.traceEvents.filter(({ ph }) => ph === 'i').length, edit.otherData.hits);
  scene.write('file', '');
  const { status, stderr } = await scene.axbuild(['build', '--trace', 'file/trace.json']);
  assert.equal(status, 2);
  assert.match(stderr, /this output cannot be written\n {3}because {2}.*file is no folder\n/);
});
