// `axbuild run`: a compiled model on inputs from files; and the same model compiled for a chip described in a file.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readContainer } from '../../src/axmodel/read.ts';
import { runContainer } from '../../src/axmodel/run.ts';
import { bytesOf, viewAs } from '../../src/base/bytes.ts';
import { writeNpy } from '../../src/dataset/npy.ts';
import { simulate } from '../../src/npu/simulate.ts';
import { openModel } from '../../src/onnx/float.ts';
import { decodeModel, encodeModel } from '../../src/onnx/codec.ts';
import { inputShape, smallImage } from '../rig/network.ts';
import { makeScene } from './rig.ts';

const runs = (...flags: string[]): string[] => ['run', '--model', 'output/small/compiled.axmodel', '--input_dir', 'in', '--output_dir', 'out', ...flags];
const npy = (data: Float32Array, shape: readonly number[] = inputShape): Uint8Array => writeNpy({ dtype: 'FP32', shape: [...shape], data: bytesOf(data) });

test('.npy and .bin inputs, one case or a list of them: the outputs are the simulator\'s, and near the float model\'s', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  scene.write('in/x.npy', npy(smallImage(0)));
  scene.write('in/second/x.bin', bytesOf(smallImage(1)));
  scene.write('in/third/x.npy', npy(smallImage(2)));
  scene.write('cases.txt', 'second\r\n\nthird\n');

  const alone = await scene.axbuild(runs());
  assert.deepEqual(alone, { status: 0, stderr: '', stdout: '>>> [0] start\nwrite [y] to [out/y.bin] successfully, size: 16\n>>> [0] finish\n' });
  const listed = await scene.axbuild(runs('--list', 'cases.txt'));
  assert.equal(listed.stderr, '');
  assert.equal(listed.stdout, ['second', 'third'].map((name, i) => `>>> [${i}] start\nwrite [y] to [out/${name}/y.bin] successfully, size: 16\n>>> [${i}] finish\n`).join(''));

  const container = readContainer(new Uint8Array(scene.read('output/small/compiled.axmodel')), 'compiled.axmodel');
  const float = await openModel(new Uint8Array(scene.read('small.onnx')), { name: 'small' });
  t.after(() => float.close());
  for (const [i, path] of ['out/y.bin', 'out/second/y.bin', 'out/third/y.bin'].entries()) {
    const written = new Uint8Array(scene.read(path));
    const { y } = await runContainer(container, { x: bytesOf(smallImage(i)) }, { simulate: (program, params, inputs) => simulate(program, params, inputs).outputs });
    assert.deepEqual(written, y);
    const { y: exact } = await float.run({ x: { dtype: 'FP32', shape: inputShape, data: smallImage(i) } });
    assert.ok(cosine(viewAs(Float32Array, written), exact!.data as Float32Array) > 0.99, path);
  }
});

test('what can be wrong with a run', async (t) => {
  const scene = makeScene(t);
  await scene.make();
  const model = decodeModel(new Uint8Array(scene.read('output/small/compiled.axmodel')), 'compiled.axmodel');
  scene.write('vendor.axmodel', encodeModel(Object.assign(model, { producerName: 'Pulsar2' })));
  scene.write('wide/x.npy', npy(smallImage(0).slice(0, 396), [1, 3, 12, 11]));
  scene.write('short/x.bin', bytesOf(smallImage(0)).subarray(4));
  scene.write('in/x.npy', npy(smallImage(0)));
  scene.write('empty.txt', '\n');
  scene.write('cases.txt', 'first\n');

  const cases: readonly (readonly [string, string[], 1 | 2, string])[] = [
    ['no input', runs('--input_dir', 'nowhere'), 2, 'no data for input "x"\n   looked for   nowhere/x.bin, nowhere/x.npy\n   input takes  FP32 [1,3,12,12]'],
    ['no input of a case', runs('--list', 'cases.txt'), 2, 'no data for input "x"\n   looked for   in/first/x.bin, in/first/x.npy\n   input takes  FP32 [1,3,12,12]'],
    ['a wrong shape', runs('--input_dir', 'wide'), 1, 'wide/x.npy: not what input x takes\n   holds        FP32 [1,3,12,11]\n   input takes  FP32 [1,3,12,12]'],
    ['a wrong size', runs('--input_dir', 'short'), 1, 'short/x.bin: not what input x takes\n   holds        1724 bytes\n   input takes  FP32 [1,3,12,12]: 1728 bytes'],
    ['an empty list', runs('--list', 'empty.txt'), 2, 'empty.txt  this list names no case\n   like  one folder of input_dir a line'],
    ['no model', runs('--model', 'nothing.axmodel'), 2, 'no model at /w/nothing.axmodel'],
    ['a model that is not compiled', runs('--model', 'small.onnx'), 1, 'small.onnx  this is no compiled model\n   producer  axbuild\n   try       a compiled.axmodel that axbuild built'],
    ["the vendor's model", runs('--model', 'vendor.axmodel'), 1, "vendor.axmodel  this compiled model is not from axbuild: its instruction set is not public\n   producer  Pulsar2\n   try       the vendor's own runtime"],
    ['outputs below a file', runs('--output_dir', 'small.onnx'), 1, "/w/small.onnx/y.bin  this output cannot be written\n   because  EEXIST: file already exists, mkdir '/w/small.onnx'"],
  ];
  for (const [what, args, exit, says] of cases) {
    await t.test(what, async () => {
      const { status, stderr } = await scene.axbuild(args);
      assert.equal(stderr.replaceAll(scene.folder, '/w').trimEnd(), says);
      assert.equal(status, exit);
    });
  }
});

const chip = 'name: tiny\nbase: AX650\nmodes:\n  - { name: NPU1, engineSets: 1, ocmBytes: 65536 }\n';

test('a chip with 64 KiB, described in a file: another program with the same results', async (t) => {
  const scene = makeScene(t);
  scene.write('chip.yaml', chip);
  scene.write('in/x.npy', npy(smallImage(0)));
  await scene.make();
  await scene.make('--target', 'chip.yaml', '--output_dir', 'output/tiny');
  const program = (goal: string): Uint8Array => new Uint8Array(scene.read(`output/${goal}/compiled.axmodel`));
  assert.equal(readContainer(program('tiny'), 'compiled.axmodel').target, 'tiny');
  assert.notDeepEqual(program('tiny'), program('small'));
  for (const goal of ['small', 'tiny']) assert.equal((await scene.axbuild(runs('--model', `output/${goal}/compiled.axmodel`, '--output_dir', `out/${goal}`))).status, 0);
  assert.deepEqual(scene.read('out/tiny/y.bin'), scene.read('out/small/y.bin'));

  await t.test('an edited chip is built for again', async () => {
    scene.write('chip.yaml', chip.replace('65536', '131072'));
    const ran = (await scene.make('--target', 'chip.yaml', '--output_dir', 'output/tiny')).flatMap((event) => (event.event === 'finished' && event.outcome === 'built' ? [event.task] : []));
    assert.deepEqual([...new Set(ran)].filter((task) => ['load', 'optimise', 'observe', 'resolve', 'values'].includes(task)), []);
    assert.ok(ran.includes('link'));
  });

  const broken: readonly (readonly [string, string, string])[] = [
    ['not YAML', `${chip}clockMhz: [`, 'chip.yaml:5:12  Flow sequence in block collection must be sufficiently indented and end with a ]\n   5 │ clockMhz: [\n     │            ~'],
    ['an unknown key', chip.replace('ocmBytes', 'ocmByte'), `
chip.yaml:4:5  modes[0].ocmBytes is missing
   4 │   - { name: NPU1, engineSets: 1, ocmByte: 65536 }
     │     ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
chip.yaml:4:34  unknown key "ocmByte" in modes[0]
   4 │   - { name: NPU1, engineSets: 1, ocmByte: 65536 }
     │                                  ~~~~~~~
   known  name, engineSets, ocmBytes
   try    ocmBytes`.trimStart()],
    ['a value of the wrong type', `${chip}clockMhz: fast\n`, 'chip.yaml:5:11  clockMhz: expected number, received string\n   5 │ clockMhz: fast\n     │           ~~~~'],
    ['without the mode that is built for', chip.replace('NPU1', 'NPU2'), 'axbuild.yaml  tiny has no mode "NPU1"\n   known  NPU2\n   try    NPU2'],
  ];
  for (const [what, text, says] of broken) {
    await t.test(what, async () => {
      scene.write('chip.yaml', text);
      const { status, stderr } = await scene.axbuild(['build', '--target', 'chip.yaml', '--output_dir', 'output/tiny']);
      assert.equal(stderr.trimEnd(), says);
      assert.equal(status, 2);
    });
  }
  await t.test('missing', async () => {
    const { status, stderr } = await scene.axbuild(['build', '--target', 'nowhere.yaml']);
    assert.equal(stderr, 'no target file at nowhere.yaml\n   see  docs/targets.md\n');
    assert.equal(status, 2);
  });
});

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
