// Commands that tell of builds and of files: plan, why, inspect, cache, targets. On the small network, in processes of their own.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { readContainer } from '../../src/axmodel/read.ts';
import { readProgram } from '../../src/npu/program.ts';
import { decodeModel, encodeModel, onnx } from '../../src/onnx/codec.ts';
import { targets } from '../../src/targets/index.ts';
import { plain, put } from '../pipeline/scene.ts';
import { jobs, makeScene, refused, told } from './rig.ts';

const left = { layer_name: 'left_node', data_type: 'U16' };

test('plan: nothing before a build, everything hits after it, an edit by name; no output and no cache is made', async (t) => {
  const scene = makeScene(t);
  assert.match(await told(scene, 'plan'), /^small {2}1 will run\n[^]*\nand all that is behind scan small: no build of small is remembered\n$/);
  assert.deepEqual([existsSync(join(scene.folder, '.axbuild')), existsSync(join(scene.folder, 'output'))], [false, false]);
  const { built } = jobs(await scene.make());
  assert.ok((await told(scene, 'plan')).startsWith(`small  everything hits: ${built} jobs\n`));
  put(scene, { ...plain, layers: [left] });
  const before = scene.stamps('output');
  const plan = await told(scene, 'plan', 'small', '--all');
  assert.match(plan, /\nwill run, [^\n]*\n {2}resolve small {2}[^\n]*\nmay run, if resolve small changes its output/);
  assert.match(plan, /\n {2}tile small left_node {2}/);
  assert.deepEqual(scene.stamps('output'), before);
  assert.equal(jobs(await scene.make()).built > 0, true, 'nothing was run by the plan');
});

test('plan: a wrong configuration is told of as a build would', async (t) => {
  const scene = makeScene(t, { layers: [{ layer_name: 'lefd_node', data_type: 'U16' }] });
  await scene.axbuild(['build']);
  assert.match(await refused(scene, 'plan'), /^axbuild\.yaml:\d+:\d+ {2}[^\n]*lefd_node/);
});

test('why: the recipe of the build before, in the words of the configuration, at its line', async (t) => {
  const scene = makeScene(t);
  assert.match(await refused(scene, 'why', 'tile:left_node'), /^no build of .* is remembered\n/);
  await scene.make();
  assert.equal(await told(scene, 'why', 'tile:left_node'), 'tile small left_node  ran in the last build\n  no build before had this job\n');
  put(scene, { ...plain, layers: [left] });
  await scene.make();
  const line = readFileSync(join(scene.folder, 'axbuild.yaml'), 'utf8').split('\n').findIndex((text) => text.includes('left_node'));
  const cause = new RegExp(`^because\\n {2}resolve small {2}quant\\.layer_configs\\[0\\]: none -> \\{ data_type: U16, layer_name: left_node \\} {2}axbuild\\.yaml:${line}$`, 'm');
  for (const words of [['tile', 'small', 'left_node'], ['tile:left_node'], ['tile left_node']]) {
    const text = await told(scene, 'why', ...words);
    assert.ok(text.startsWith('tile small left_node  ran in the last build\n  input structure: other bytes from resolve small\n'), text);
    assert.match(text, cause);
  }
  put(scene, { ...plain, layers: [{ ...left, data_type: 'S16' }] });
  await scene.make();
  assert.match(await told(scene, 'why', 'check:left_node'), /\n {2}resolve small {2}quant\.layer_configs\[0\]\.data_type: U16 -> S16 {2}axbuild\.yaml:\d+\n/);
  assert.equal(await told(scene, 'why', 'observe:image_000'), 'observe small image_000.npy  hit in the last build\n  nothing that it sees has changed\n');
  assert.match(await refused(scene, 'why', 'tile:lefd_node'), /^no job is called "tile:lefd_node"\n {3}try {2}tile small left_node\n/);
  assert.match(await refused(scene, 'why', 'left_node'), /^"left_node" is the name of \d+ jobs\n {3}like {2}/);
  assert.match(await refused(scene, 'why'), /^why what\? A job is missing\n/);
  // A unit cut otherwise: the range is named, although no job hands it on.
  put(scene, { ...plain, layers: [{ ...left, data_type: 'S16' }], range: null });
  await scene.make();
  assert.match(await told(scene, 'why', 'link small subgraph_npu_0'), /compiler\.sub_configs/);
});

test('why: of a build that failed', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  put(scene, { ...plain, layers: [{ layer_name: 'lefd_node', data_type: 'U16' }] });
  assert.equal((await scene.axbuild(['build'])).status, 2);
  assert.match(await told(scene, 'why', 'fuse small'), /^fuse small {2}hit in the last build\n/);
  assert.equal(await told(scene, 'why', 'tile:left_node'), 'tile small left_node  was not asked for in the last build, which did not get that far\n');
});

test('inspect: a compiled model, as text and as JSON', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  const path = 'output/small/compiled.axmodel';
  const bytes = scene.read(path);
  const { chains: [chain] } = readContainer(bytes, path);
  const unit = chain!.units.find((one) => one.type === 'NPU')!;
  const [program] = unit.type === 'NPU' ? unit.programs : [];
  const { stats } = readProgram(program!.program);
  const text = await told(scene, 'inspect', path);
  assert.match(text, /^output\/small\/compiled\.axmodel {2}compiled model, .*\n {2}producer +axbuild\n {2}target +AX650 NPU1\n/);
  assert.match(text, new RegExp(`\\nunit ${unit.name}  NPU  x -> .*\\n  batch +1\\n[^]*\\n  cycles +${stats.cycles}\\n  MACs +${stats.macs}\\n`));
  const facts = JSON.parse(await told(scene, 'inspect', path, '--json'));
  assert.deepEqual([facts.kind, facts.bytes, facts.target, facts.groups.length], ['axmodel', bytes.byteLength, 'AX650', 1]);
  assert.deepEqual(facts.groups[0].units[0].programs[0].stats, stats);
  assert.deepEqual(facts.groups[0].inputs.map(({ name, shape }: { name: string; shape: number[] }) => [name, shape]), chain!.inputs.map((name) => [name, [...readContainer(bytes, path).tensors[name]!.shape]]));
});

test('inspect: an ONNX model whose weights lie beside it', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  const text = await told(scene, 'inspect', 'output/small/quant/quant_axmodel.onnx');
  assert.match(text, /\n {2}opset +ai\.onnx 21\n/);
  assert.match(text, /\nweights in files beside the model\n {2}quant_axmodel\.data {2}\d+ tensors {2}.* {2}the file has .*B\n$/);
  const { operators, weights } = JSON.parse(await told(scene, 'inspect', 'small.onnx', '--json'));
  const model = decodeModel(scene.read('small.onnx'), 'small.onnx');
  assert.equal(Object.values<number>(operators).reduce((sum, count) => sum + count), model.graph.node.length);
  assert.ok(weights.bytes > 0 && weights.bytes < scene.read('small.onnx').byteLength);
});

test("inspect: the vendor's compiled model, as far as it is public", async (t) => {
  const scene = makeScene(t);
  await scene.make();
  const model = decodeModel(scene.read('output/small/compiled.axmodel'), 'x');
  model.producerName = 'Pulsar2';
  model.docString = 'Pulsar2 Version: 4.0\nPulsar2 Commit: \x1b[31mabc';
  scene.write('vendor.axmodel', encodeModel(model));
  const text = await told(scene, 'inspect', 'vendor.axmodel');
  assert.match(text, /^vendor\.axmodel {2}compiled model of another tool, .*\n {2}producer +Pulsar2\n {2}says +Pulsar2 Version: 4\.0 Pulsar2 Commit: {2}\[31mabc\n/);
  assert.match(text, /\n {2}npu_params +.*B\n/);
});

test('inspect: hostile files end in a fault', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  const good = scene.read('output/small/compiled.axmodel');
  const small = scene.read('small.onnx');
  const spoiled = (act: (model: ReturnType<typeof decodeModel>) => void): Uint8Array => {
    const model = decodeModel(small, 'x');
    act(model);
    return encodeModel(model);
  };
  const files: Readonly<Record<string, Uint8Array>> = {
    empty: new Uint8Array(),
    noise: Uint8Array.from({ length: 999 }, (_, i) => (i * 151) % 256),
    cut: good.subarray(0, good.byteLength / 2),
    huge: spoiled((model) => (model.graph.initializer[0]!.dims = [2 ** 40, 2 ** 40])),
    negative: spoiled((model) => (model.graph.initializer[0]!.dims = [-1])),
    outside: spoiled((model) => Object.assign(model.graph.initializer[0]!, { dataLocation: 1, externalData: [new onnx.StringStringEntryProto({ key: 'location', value: '../../etc/passwd' })] })),
  };
  for (const [name, bytes] of Object.entries(files)) {
    scene.write(name, bytes);
    const { status, stdout, stderr } = await scene.axbuild(['inspect', name]);
    assert.deepEqual([stdout, stderr.includes('BUG'), stderr.includes('    at ')], ['', false, false], `${name}: ${stderr}`);
    assert.ok(status === 1 || status === 2, `${name}: ${status}`);
  }
  // Any byte of a container changed: told, or refused, never a crash.
  for (let at = 7; at < good.byteLength; at += Math.ceil(good.byteLength / 6)) {
    const bytes = Buffer.from(good);
    bytes[at]! ^= 0x55;
    scene.write('flipped', bytes);
    const { status, stderr } = await scene.axbuild(['inspect', 'flipped']);
    assert.ok(status !== null && status < 3, `byte ${at}: ${status} ${stderr}`);
  }
  assert.equal(await refused(scene, 'inspect', 'absent.onnx'), 'no model at absent.onnx\n');
  assert.match(await refused(scene, 'inspect', '.'), /this model cannot be read\n/);
  assert.equal(await refused(scene, 'inspect'), 'a file is missing\n   usage  axbuild inspect FILE\n');
});

test('cache: stats, then clear, then everything runs again', async (t) => {
  const scene = makeScene(t);
  assert.match(await refused(scene, 'cache', 'stats'), /^no cache at .*\n {3}because {2}nothing was built there, or it was cleared\n/);
  const { built } = jobs(await scene.make());
  const stats = await told(scene, 'cache', 'stats');
  assert.match(stats, new RegExp(`^\\.axbuild/cache\\n  jobs kept +${built}\\n  blobs +\\d+, .*\\n  on disk +\\d+ files, .*\\n  cap +11 GB, 0\\.\\d % of it in use\\n  last sweep +less than a minute ago\\n  task +jobs +blobs +bytes\\n`));
  assert.match(stats, /\n {2}observe +3 +\d+ {2}/);
  const outputs = scene.stamps('output');
  scene.write('.axbuild/cache/mine.txt', 'not of axbuild');
  assert.match(await told(scene, 'cache', 'clear'), /^\.axbuild\/cache {2}cleared: \d+ files, .*B\n$/);
  assert.deepEqual(scene.paths('.axbuild'), ['cache/mine.txt'], 'what is not of axbuild stays');
  assert.deepEqual(scene.stamps('output'), outputs);
  assert.equal(jobs(await scene.make()).built, built);
});

test('cache clear: refuses a folder that is no cache, and one that a build uses', async (t) => {
  const scene = makeScene(t);
  for (const folder of ['plain', 'v1only/v1']) mkdirSync(join(scene.folder, folder), { recursive: true });
  scene.write('plain/precious', '');
  for (const folder of ['plain', 'v1only']) assert.match(await refused(scene, 'cache', 'clear', '--cache', folder), /this is not a cache of axbuild\n {3}because {2}it has no v1\/db\n/);
  assert.deepEqual(scene.paths('plain'), ['precious']);
  await scene.make();
  // This test's own process stands for a build that runs.
  const { enter } = await import('../../cache/presence.ts');
  const presence = enter(join(scene.folder, '.axbuild/cache/v1'));
  const { status, stderr } = await scene.axbuild(['cache', 'clear']);
  presence.leave();
  assert.equal(status, 1);
  assert.match(stderr, /a build is using this cache\n/);
  assert.equal(await refused(scene, 'cache', 'cler'), 'unknown word "cler"\n   known  stats, clear\n   try    clear\n');
  await told(scene, 'cache', 'clear');
  assert.equal(existsSync(join(scene.folder, '.axbuild/cache')), false);
});

test('targets: every chip with its modes; one in full, each number with its source', async (t) => {
  const scene = makeScene(t);
  const all = await told(scene, 'targets');
  for (const { name, modes } of targets) for (const mode of modes) assert.match(all, new RegExp(`${name}  [^]*\\n  ${mode.name} +${mode.engineSets} `));
  const text = await told(scene, 'targets', 'AX650');
  const { sources, clockMhz } = targets.find(({ name }) => name === 'AX650')!;
  assert.ok(text.includes(`  ${clockMhz} `) && text.includes(sources['clockMhz']!));
  assert.doesNotMatch(text, /not said/);
  assert.deepEqual(JSON.parse(await told(scene, 'targets', '--json')).map(({ name }: { name: string }) => name), targets.map(({ name }) => name));
  assert.match(await refused(scene, 'targets', 'AX65'), /^no target is called "AX65"\n {3}known {2}AX650/);
});
