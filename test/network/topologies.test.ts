// Networks that users bring, at a small side: every operator on the NPU, in one unit. Some of them (all of them in a soak) through the whole
// pipeline besides, each group and the linked program equal to the definitions bit by bit. Weights are random; bench/networks draws them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { networks } from '../../bench/networks/index.ts';
import { frontEnd } from '../../bench/networks/lower.ts';
import { bytesOf, textOf } from '../../src/base/bytes.ts';
import { writeNpy } from '../../src/dataset/npy.ts';
import { partition } from '../../src/quant/partition.ts';
import { random } from '../rig/random.ts';
import { tarOf } from '../rig/tar.ts';
import { ax650, Workspace } from '../rig/workspace.ts';

/** The smallest side at which each still has something to pool. */
const sides: Readonly<Record<string, number>> = {
  MobileNetV1: 32, MobileNetV2: 32, 'SqueezeNet1.1': 35, ResNet18: 32, ResNet50: 32, YOLOv5s: 64,
  'MobileNetV3-small': 32, 'EfficientNet-B0': 32, 'EfficientNet-Lite0': 32, YOLOv8n: 64, 'RegNetY-400MF': 32, 'ShuffleNetV2-x1': 32, GhostNet: 32,
  InceptionV3: 75, DenseNet121: 32, YOLO11n: 64, 'DeiT-tiny': 32, 'DeiT-tiny, spelled': 48, 'ConvNeXt-tiny': 32,
};

/** The others differ in little that a bit could show. */
const built = process.env['SOAK'] === '1' ? Object.keys(sides) : ['MobileNetV2', 'SqueezeNet1.1', 'YOLOv5s', 'MobileNetV3-small', 'ShuffleNetV2-x1', 'DenseNet121', 'YOLO11n', 'DeiT-tiny, spelled'];

test('every network is looked at', () => {
  assert.deepEqual(Object.keys(sides).toSorted(), Object.keys(networks).toSorted());
});

for (const [name, side] of Object.entries(sides)) {
  test(`${name} is one NPU unit`, async () => {
    const { network } = await frontEnd(networks[name]!(side).onnx, ax650());
    assert.deepEqual(network.groups.flatMap(({ name: group, limit }) => (limit === undefined ? [] : [`${group}: ${limit}`])), []);
    assert.deepEqual(partition(network, { ranges: [] }).map(({ type }) => type), ['NPU']);
  });
}

for (const name of built) {
  test(`${name} computes what is defined, to the bit`, async () => {
    const workspace = new Workspace();
    try {
      const { onnx, inputShape } = networks[name]!(sides[name]);
      workspace.write('network.onnx', onnx);
      const image = Float32Array.from({ length: inputShape.reduce((a, b) => a * b, 1) }, noise());
      workspace.write('images.tar', tarOf([['image.npy', writeNpy({ dtype: 'FP32', shape: inputShape, data: bytesOf(image) })]]));
      const config = { quant: { input_configs: [{ tensor_name: 'x', calibration_dataset: 'images.tar', calibration_format: 'Numpy' }] }, compiler: { check: 2 } };
      workspace.write('axbuild.yaml', JSON.stringify({ models: { small: { input: 'network.onnx', config } } }));
      // A group or a link that differs from its definition ends the build.
      const { files, ran } = await workspace.build();
      const { units } = JSON.parse(textOf(files['build_context.json']!)) as { units: unknown[] };
      assert.deepEqual([units.length, ran['link_check']?.length], [1, 1]);
    } finally {
      workspace.remove();
    }
  });
}

function noise(): () => number {
  const rand = random(5);
  return () => Math.fround(2 * rand() - 1);
}
