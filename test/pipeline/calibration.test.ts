// From archives to what float passes are fed, and to inputs as the compiled model takes them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesOf, viewAs } from '../../src/base/bytes.ts';
import { writeNpy } from '../../src/dataset/npy.ts';
import { modelInput, runtimeInput, type InputSpec } from '../../tasks/dataset.ts';
import { modelBytes } from '../onnx/rig.ts';
import { tarOf } from '../rig/tar.ts';
import { Workspace, type Built } from '../rig/workspace.ts';

/** Builds a + b from samples 1, 2 and 3 of each input; the third of both is no sample at all. */
async function pairsOf(sizes: { a: number; b: number }): Promise<Built> {
  const workspace = new Workspace();
  try {
    const shape = [1, 3, 4, 4];
    const sample = (seed: number): Uint8Array => writeNpy({ dtype: 'FP32', shape, data: bytesOf(Float32Array.from({ length: 48 }, (_, i) => ((i * 7 + seed) % 11) - 5)) });
    const broken = new Uint8Array(8);
    workspace.write('sum.onnx', modelBytes({
      opset: 21, nodes: [{ op: 'Add', name: 'add', inputs: ['a', 'b'], outputs: ['y'] }], inputs: { a: { dtype: 'FP32', shape }, b: { dtype: 'FP32', shape } }, outputs: ['y'],
    }));
    // In an order of folders that is not the order of the files' names.
    workspace.write('a.tar', tarOf([['a/3.npy', broken], ['b/1.npy', sample(1)], ['c/2.npy', sample(2)]]));
    workspace.write('b.tar', tarOf([['1.npy', sample(3)], ['2.npy', sample(4)], ['3.npy', broken]]));
    const calibration = (['a', 'b'] as const).map((name) => ({ tensor_name: name, calibration_dataset: `${name}.tar`, calibration_format: 'Numpy', calibration_size: sizes[name] }));
    workspace.write('axbuild.yaml', JSON.stringify({ models: { small: { input: 'sum.onnx', config: { quant: { input_configs: calibration } } } } }));
    return await workspace.build();
  } finally {
    workspace.remove();
  }
}

for (const sizes of [{ a: -1, b: 2 }, { a: 2, b: 3 }]) {
  test(`of two inputs, ${sizes.a} and ${sizes.b} samples: the pairs in use are read, and no others`, async () => {
    const { ran } = await pairsOf(sizes);
    assert.deepEqual([ran['unpack'], ran['observe']], [['a.tar', 'b.tar'], ['b/1.npy', 'c/2.npy']]);
  });
}

test('a sample that a pair in use holds is read before any float pass', async () => {
  await assert.rejects(pairsOf({ a: 3, b: -1 }), /^Error: [ab]\.tar: (a\/)?3\.npy: not a \.npy file that can be read/);
});

const spec: InputSpec = { tensor: 'x', dtype: 'FP32', shape: [1, 3, 2, 4], layout: 'NCHW', format: 'Image', order: 'RGB', calibration: { mean: [10, 20, 30], std: [2, 4, 8] } };
const nhwc: InputSpec = { ...spec, shape: [1, 2, 4, 3], layout: 'NHWC' };
const pixels = Uint8Array.from({ length: 24 }, (_, i) => i * 10);
const planes = [0, 1, 2].flatMap((c) => Array.from({ length: 8 }, (_, i) => pixels[i * 3 + c]!));

test('an image is normalised into the layout of the input', async () => {
  const scaled = [...pixels].map((value, i) => (value - [10, 20, 30][i % 3]!) / [2, 4, 8][i % 3]!);
  assert.deepEqual([...viewAs(Float32Array, await modelInput(pixels, nhwc))], scaled);
  assert.deepEqual([...viewAs(Float32Array, await modelInput(pixels, spec))], planes.map((value, i) => (value - [10, 20, 30][i >> 3]!) / [2, 4, 8][i >> 3]!));
});

test('what the compiled model normalises itself is undone, a channel by its own mean and std, in either layout', async () => {
  const embedded = spec.calibration;
  assert.deepEqual([...runtimeInput(await modelInput(pixels, spec), spec, { dtype: 'U8', embedded })], planes);
  assert.deepEqual([...runtimeInput(await modelInput(pixels, nhwc), nhwc, { dtype: 'U8', embedded })], [...pixels]);
  assert.deepEqual([...viewAs(Float32Array, runtimeInput(await modelInput(pixels, spec), spec, { dtype: 'FP32', embedded }))], planes);
});

test('bytes are rounded and clamped; without embedded numbers nothing is undone', () => {
  const model = bytesOf(Float32Array.from({ length: 24 }, (_, i) => (i - 3) * 20.25));
  const due = Array.from({ length: 24 }, (_, i) => Math.min(255, Math.max(0, Math.round((i - 3) * 20.25))));
  assert.deepEqual([...runtimeInput(model, spec, { dtype: 'U8', embedded: null })], due);
  assert.deepEqual(runtimeInput(model, spec, { dtype: 'FP32', embedded: null }), model);
});
