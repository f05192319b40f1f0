// A build without a manifest, as with the vendor's tool: its command lines, and configurations from its documents, word for word.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { writeNpy } from '../../src/dataset/npy.ts';
import { bytesOf } from '../../src/base/bytes.ts';
import { tarOf } from '../rig/tar.ts';
import { imageNet, pictures, pixels, side } from './image-net.ts';
import { Scene, eventsOf, jobs, summaryOf } from './rig.ts';

/** "Detailed explanation of mixed precision quantization" of the vendor's guide. */
const mixed = `{
  "model_type": "ONNX",
  "npu_mode": "NPU1",
  "quant": {
    "input_configs": [
      {
        "tensor_name": "DEFAULT",
        "calibration_dataset": "./dataset/imagenet-32-images.tar",
        "calibration_size": 32,
        "calibration_mean": [103.939, 116.779, 123.68],
        "calibration_std": [58.0, 58.0, 58.0]
      }
    ],
    "layer_configs": [
      {
        "op_type": "Add", # specifies the quantization precision of operators of type Add
        "data_type": "U16"
      },
      {
        "op_types": ["Sub"], # specifies the quantization precision of operators of type Sub
        "data_type": "U16"
      },
      {
        "layer_name": "conv6_4", # specify the quantization precision of the conv6_4 operator
        "data_type": "U16"
      },
      {
        "layer_names": ["conv4_3"], # specify the quantization precision of the conv4_3 operator
        "data_type": "U16"
      },
      {
        # specify the quantization accuracy of the operators contained in the subgraph between conv2_1_linear_bn and relu2_2_dwise
        "start_tensor_names": "conv2_1_linear_bn",
        "end_tensor_names": "relu2_2_dwise",
        "data_type": "U16"
      }
    ],
    "calibration_method": "MinMax",
    "precision_analysis": false
  },
  "input_processors": [
    {
      "tensor_name": "input",
      "tensor_format": "BGR",
      "src_format": "BGR",
      "src_dtype": "U8",
      "src_layout": "NHWC",
      "csc_mode": "NoCSC"
    }
  ],
  "compiler": {
    "check": 0
  }
}
`;

/** "Detailed explanation of loading custom data sets". */
const numpy = `{
  "model_type": "ONNX",
  "npu_mode": "NPU1",
  "quant": {
    "input_configs": [
      {
        "tensor_name": "input",
        "calibration_dataset": "./dataset/npy_dataset.tar",
        "calibration_size": 10,
        "calibration_format": "Numpy", # 修改为 Numpy 或者 Binary, 默认是Image
      }
    ],
    "calibration_method": "MinMax",
  },
  "input_processors": [
    {
      "tensor_name": "input",
      "tensor_format": "BGR",
      "src_format": "BGR",
      "src_dtype": "U8",
      "src_layout": "NHWC",
      "csc_mode": "NoCSC"
    }
  ],
  "compiler": {
    "check": 0
  }
}
`;

const command = (config: string, ...flags: string[]): string[] =>
  ['build', '--input', 'model/mobilenetv2-sim.onnx', '--output_dir', 'output', '--config', `config/${config}`, ...flags];

test("the vendor's sample configurations work unchanged", async (t) => {
  const scene = new Scene();
  t.after(() => scene.remove());
  scene.write('model/mobilenetv2-sim.onnx', imageNet());
  scene.write('dataset/imagenet-32-images.tar', await pictures(3));
  scene.write('dataset/npy_dataset.tar', tarOf([0, 1].map((i) => [`${i}.npy`, writeNpy({ dtype: 'FP32', shape: [1, 3, side, side], data: bytesOf(Float32Array.from(pixels(i))) })] as const)));
  scene.write('config/mixed.json', mixed);
  scene.write('config/numpy.json', numpy);
  const bits = (): Record<string, number> => {
    const { configs } = JSON.parse(scene.read('output/quant/quant_axmodel.json').toString()) as { configs: Record<string, Record<string, { bit_width: number }>> };
    const outputs = { relu1: 'relu1', conv2_1: 'conv2_1_linear_bn', relu2_2: 'relu2_2_dwise', add: 'add', sub: 'output' };
    return Object.fromEntries(Object.entries(outputs).map(([node, tensor]) => [node, configs[node]?.[tensor]?.bit_width ?? 0]));
  };
  let right: ReturnType<Scene['digests']> = {};

  await t.test('mixed precision, from the working directory, with a flag over the file', async () => {
    // The workspace is where the cache is; paths start at the working directory.
    const { status, stderr } = await scene.axbuild(command('mixed.json', '--compiler.check', '2', '--workspace', 'elsewhere'));
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.ok(scene.paths('elsewhere/.axbuild').length > 0);
    const { config } = JSON.parse(scene.read('output/build_context.json').toString()) as { config: { compiler: { check: number }; quant: { input_configs: { calibration_dataset: string }[] } } };
    assert.equal(config.compiler.check, 2);
    assert.equal(config.quant.input_configs[0]!.calibration_dataset, 'dataset/imagenet-32-images.tar');
    assert.deepEqual(bits(), { relu1: 8, conv2_1: 16, relu2_2: 16, add: 16, sub: 16 });
    right = scene.digests();
  });

  await t.test('another configuration into the same folder, and back: never taken for unchanged', async () => {
    assert.equal((await scene.axbuild(command('numpy.json', '--workspace', 'elsewhere'))).status, 0);
    assert.deepEqual(bits(), { relu1: 8, conv2_1: 8, relu2_2: 8, add: 8, sub: 8 });
    assert.notDeepEqual(scene.digests(), right);
    const { stdout } = await scene.axbuild(command('mixed.json', '--compiler.check', '2', '--workspace', 'elsewhere', '--log-format', 'json'));
    assert.deepEqual(summaryOf(eventsOf(stdout)).goals, { output: 'built' });
    assert.equal(jobs(eventsOf(stdout)).built, 0);
    assert.deepEqual(scene.digests(), right);
  });

  await t.test('the same words in another folder are another build', async () => {
    for (const name of ['model', 'dataset', 'config']) cpSync(join(scene.folder, name), join(scene.folder, 'there', name), { recursive: true });
    const { stdout } = await scene.axbuild(command('mixed.json', '--compiler.check', '2', '--workspace', '../elsewhere'), { cwd: join(scene.folder, 'there') });
    assert.match(stdout, /^output {2}built/);
    assert.deepEqual(scene.digests('there/output'), right);
    assert.deepEqual(scene.digests(), right, 'what the first folder made is still there');
  });
});
