// Networks that users bring, at a small side, through the whole pipeline: every operator on the NPU, in one unit, each group and the linked
// program equal to the definitions bit by bit. Weights are random; bench/networks draws them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { networks } from '../../bench/networks/index.ts';
import { textOf } from '../../src/base/bytes.ts';
import { bytesOf } from '../../src/base/bytes.ts';
import { writeNpy } from '../../src/dataset/npy.ts';
import { random } from '../rig/random.ts';
import { tarOf } from '../rig/tar.ts';
import { Workspace, type Built } from '../rig/workspace.ts';

/** The smallest side at which each still has something to pool. */
const sides: Readonly<Record<string, number>> = {
  MobileNetV1: 32, MobileNetV2: 32, 'SqueezeNet1.1': 35, ResNet18: 32, ResNet50: 32, YOLOv5s: 64,
};

test('every network is looked at', () => {
  assert.deepEqual(Object.keys(sides), Object.keys(networks));
});

for (const [name, side] of Object.entries(sides)) {
  test(`${name} runs on the NPU whole, as defined to the bit`, async () => {
    const workspace = new Workspace();
    try {
      const { onnx, inputShape } = networks[name]!(side);
      workspace.write('network.onnx', onnx);
      const image = Float32Array.from({ length: inputShape.reduce((a, b) => a * b, 1) }, noise());
      workspace.write('images.tar', tarOf([['image.npy', writeNpy({ dtype: 'FP32', shape: inputShape, data: bytesOf(image) })]]));
      const config = { quant: { input_configs: [{ tensor_name: 'x', calibration_dataset: 'images.tar', calibration_format: 'Numpy' }] }, compiler: { check: 2 } };
      workspace.write('axbuild.yaml', JSON.stringify({ models: { small: { input: 'network.onnx', config } } }));
      const { units } = contextOf(await workspace.build());
      assert.deepEqual(units.map((unit) => unit.type), ['NPU']);
    } finally {
      workspace.remove();
    }
  });
}

function noise(): () => number {
  const rand = random(5);
  return () => Math.fround(2 * rand() - 1);
}

function contextOf({ files }: Built): { units: { type: string }[] } {
  // What assemble writes.
  return JSON.parse(textOf(files['build_context.json']!)) as { units: { type: string }[] };
}
