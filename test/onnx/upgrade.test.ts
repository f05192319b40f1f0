// Older operators keep their meaning: ONNX Runtime gives the same bits for the original file and for the graph read from it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import type { Attribute, TensorType } from '../../src/graph/graph.ts';
import { printGraph } from '../../src/graph/print.ts';
import { openModel, openSession } from '../../src/onnx/float.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { upgrades } from '../../src/onnx/upgrade/index.ts';
import { opOf } from '../../src/ops/index.ts';
import { assertSameBits, makeStore, modelBytes, randomTensor, type ModelText } from './rig.ts';

const x: TensorType = { dtype: 'FP32', shape: [2, 3, 4, 5] };

interface Case {
  readonly about: string;
  readonly opset: number;
  readonly op: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly weights?: ModelText['weights'];
  readonly inputs?: Readonly<Record<string, TensorType>>;
  readonly outputs?: readonly string[];
  /** Off only where src/ops doesn't know the operator: its rank stays unknown then. */
  readonly infer?: false;
}

const channel = { dtype: 'FP32', shape: [3] } as const;

const cases: readonly Case[] = [
  { about: 'Clip with both bounds as attributes', opset: 9, op: 'Clip', attributes: { min: -0.5, max: 0.75 } },
  { about: 'Clip with one bound', opset: 7, op: 'Clip', attributes: { max: 0.25 } },
  { about: 'Clip without bounds', opset: 10, op: 'Clip' },
  { about: 'Pad with a value', opset: 9, op: 'Pad', attributes: { pads: [0, 0, 1, 2, 0, 0, 3, 1], value: 1.5 } },
  { about: 'Pad by reflection', opset: 10, op: 'Pad', attributes: { pads: [0, 0, 1, 2, 0, 0, 2, 1], mode: 'reflect' } },
  { about: 'Slice by attributes', opset: 9, op: 'Slice', attributes: { starts: [1, -3], ends: [2 ** 63, -1], axes: [1, 3] } },
  { about: 'Slice of the leading axes', opset: 7, op: 'Slice', attributes: { starts: [0, 1], ends: [1, 3] } },
  { about: 'Squeeze of named axes', opset: 11, op: 'Squeeze', attributes: { axes: [0, 2] }, inputs: { x: { dtype: 'FP32', shape: [1, 3, 1, 5] } } },
  { about: 'Squeeze of all axes of size 1', opset: 9, op: 'Squeeze', inputs: { x: { dtype: 'FP32', shape: [1, 3, 1, 5] } } },
  { about: 'Unsqueeze', opset: 11, op: 'Unsqueeze', attributes: { axes: [0, 3] } },
  { about: 'ReduceMean over H and W', opset: 9, op: 'ReduceMean', attributes: { axes: [2, 3] } },
  { about: 'ReduceMax without keeping dimensions', opset: 13, op: 'ReduceMax', attributes: { axes: [1], keepdims: 0 } },
  { about: 'ReduceSum by attribute', opset: 11, op: 'ReduceSum', attributes: { axes: [-1] } },
  { about: 'ReduceL2 over everything', opset: 11, op: 'ReduceL2', infer: false },
  { about: 'Split by attribute', opset: 11, op: 'Split', attributes: { axis: 3, split: [2, 3] }, outputs: ['y', 'z'] },
  { about: 'Split in equal parts', opset: 9, op: 'Split', attributes: { axis: 2 }, outputs: ['y', 'z'] },
  { about: 'Split in equal parts, opset 13', opset: 13, op: 'Split', attributes: { axis: 2 }, outputs: ['y', 'z'] },
  { about: 'TopK by attribute', opset: 9, op: 'TopK', attributes: { k: 2, axis: 3 }, outputs: ['y', 'z'], infer: false },
  { about: 'Dropout', opset: 7, op: 'Dropout', attributes: { ratio: 0.3 } },
  { about: 'BatchNormalization with `spatial`', opset: 7, op: 'BatchNormalization', attributes: { spatial: 1, epsilon: 0.001 }, weights: statistics() },
  { about: 'BatchNormalization of opset 9', opset: 9, op: 'BatchNormalization', attributes: { epsilon: 0.001, momentum: 0.8 }, weights: statistics() },
  { about: 'Softmax over the last axis', opset: 11, op: 'Softmax', attributes: { axis: 3 } },
  { about: 'Softmax over -1', opset: 9, op: 'Softmax', attributes: { axis: -1 } },
  { about: 'Softmax over flattened axes', opset: 9, op: 'Softmax' },
  { about: 'Softmax over flattened axes, rank unknown', opset: 11, op: 'Softmax', attributes: { axis: 2 }, infer: false },
  { about: 'LogSoftmax over flattened axes', opset: 12, op: 'LogSoftmax', attributes: { axis: 2 } },
  { about: 'Hardmax over flattened axes', opset: 11, op: 'Hardmax', attributes: { axis: 1 }, infer: false },
  { about: 'Upsample with scales as an attribute', opset: 7, op: 'Upsample', attributes: { mode: 'nearest', scales: [1, 1, 2, 3] } },
  { about: 'Upsample, linear', opset: 9, op: 'Upsample', attributes: { mode: 'linear' }, weights: scales([1, 1, 2, 2]) },
  { about: 'Resize 10, nearest, larger', opset: 10, op: 'Resize', weights: scales([1, 1, 2, 1.5]) },
  { about: 'Resize 10, nearest, smaller', opset: 10, op: 'Resize', weights: scales([1, 1, 0.5, 0.6]) },
  { about: 'Resize 10, linear', opset: 10, op: 'Resize', attributes: { mode: 'linear' }, weights: scales([1, 1, 1.5, 2]) },
  { about: 'Resize 11 with empty roi', opset: 11, op: 'Resize', attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }, weights: { roi: { dtype: 'FP32', shape: [0], numbers: [] }, ...scales([1, 1, 2, 2]) } },
  {
    about: 'Resize 11 by sizes', opset: 11, op: 'Resize', attributes: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
    weights: { roi: { dtype: 'FP32', shape: [0], numbers: [] }, none: { dtype: 'FP32', shape: [0], numbers: [] }, sizes: { dtype: 'S64', shape: [4], numbers: [2, 3, 9, 7] } },
  },
  { about: 'Scatter', opset: 10, op: 'Scatter', attributes: { axis: 0 }, inputs: { x: { dtype: 'FP32', shape: [3, 3] } }, weights: { i: { dtype: 'S64', shape: [1, 3], numbers: [1, 0, 2] }, u: { dtype: 'FP32', shape: [1, 3], numbers: [5, 6, 7] } }, infer: false },
  { about: 'GridSample with its old mode names', opset: 16, op: 'GridSample', attributes: { mode: 'bilinear' }, inputs: { x: { dtype: 'FP32', shape: [1, 1, 4, 4] }, grid: { dtype: 'FP32', shape: [1, 2, 2, 2] } }, infer: false },
  ...['ReduceL1', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMin', 'ReduceProd', 'ReduceSumSquare'].map((op): Case => ({ about: op, opset: 13, op, attributes: { axes: [1, -1] }, infer: false })),
  {
    about: 'RoiAlign without half a pixel', opset: 10, op: 'RoiAlign', attributes: { output_height: 2, output_width: 2 }, inputs: { x: { dtype: 'FP32', shape: [1, 2, 8, 8] } },
    weights: { rois: { dtype: 'FP32', shape: [1, 4], numbers: [1, 1, 6, 5] }, images: { dtype: 'S64', shape: [1], numbers: [0] } }, infer: false,
  },
];

function statistics(): NonNullable<ModelText['weights']> {
  return { scale: { ...channel, numbers: [1, 0.5, -2] }, bias: { ...channel, numbers: [0.1, 0.2, 0.3] }, mean: { ...channel, numbers: [0.5, -0.5, 0] }, variance: { ...channel, numbers: [1, 2, 0.25] } };
}

function scales(list: readonly number[]): NonNullable<ModelText['weights']> {
  return { scales: { dtype: 'FP32', shape: [list.length], numbers: list } };
}

for (const [i, { about, opset, op, attributes = {}, weights = {}, inputs = { x }, outputs = ['y'], infer }] of cases.entries()) {
  test(`${about}, opset ${opset}, means the same at opset 21`, async () => {
    const bytes = modelBytes({ opset, nodes: [{ op, inputs: [...Object.keys(inputs), ...Object.keys(weights)], outputs, attributes }], inputs, outputs, weights });
    const { keep, blobs } = makeStore();
    const graph = readOnnx(bytes, { file: 'model.onnx', keep, ...(infer === false ? {} : { opOf }) });
    const given = Object.fromEntries(Object.entries(inputs).map(([name, type], k) => [name, randomTensor(type, 100 * i + k)]));
    const [before, after] = [await openModel(bytes, { name: 'before' }), await openSession(graph, blobs)];
    const [due, found] = [await before.run(given), await after.run(given)];
    for (const name of outputs) assertSameBits(due[name]!, found[name]!, name);
    for (const name of infer === false ? [] : outputs) assert.deepEqual(graph.types[name]?.shape, due[name]!.shape, `inferred shape of ${name}`);
    await Promise.all([before.close(), after.close()]);
  });
}

test('every upgrade that gives nodes is covered by a case', () => {
  const refused = ['DFT', 'GroupNormalization', 'Scan'];
  const covered = new Set([...cases.map(({ op }) => op), ...refused]);
  assert.deepEqual(Object.keys(upgrades).filter((op) => !covered.has(op)), []);
});

test('constants that upgrades make are named for the tensor they belong to', () => {
  const bytes = modelBytes({ opset: 9, nodes: [{ op: 'Clip', inputs: ['x'], outputs: ['y'], attributes: { min: 0, max: 6 } }], inputs: { x: { dtype: 'FP32', shape: [2] } }, outputs: ['y'] });
  const graph = readOnnx(bytes, { file: 'model.onnx', keep: makeStore().keep, opOf });
  assert.equal(
    printGraph(graph, { brief: true }),
    `graph test
  input x FP32[2]
  y = Clip(x, y/min, y/max) -> y FP32[2]
  output y
  weight y/max FP32[] fedcca07
  weight y/min FP32[] df3f6198
`,
  );
});

test('a node that can not be said at opset 21 is a fault that names both opsets', () => {
  const weights = { scale: { dtype: 'FP32', shape: [1], numbers: [1] }, bias: { dtype: 'FP32', shape: [1], numbers: [0] } } as const;
  const bytes = modelBytes({ opset: 18, nodes: [{ op: 'GroupNormalization', name: 'norm', inputs: ['x', 'scale', 'bias'], outputs: ['y'], attributes: { num_groups: 1 } }], inputs: { x }, outputs: ['y'], weights });
  assert.throws(() => readOnnx(bytes, { file: 'model.onnx', keep: makeStore().keep }), (error: unknown) => {
    assert.ok(error instanceof Fault);
    assert.equal(
      error.message,
      `model.onnx  GroupNormalization "norm" of opset 18 can't be brought to opset 21: its meaning changed, and axbuild has no rule for it
   changed  in opset 21
   try      export the model with opset 21`,
    );
    return true;
  });
});

test('a newer model is read as long as it uses nothing newer', () => {
  const nodes = [{ op: 'Cast', inputs: ['x'], outputs: ['y'], attributes: { to: 6 } }];
  const graph = readOnnx(modelBytes({ opset: 24, nodes, inputs: { x }, outputs: ['y'] }), { file: 'model.onnx', keep: makeStore().keep, opOf });
  assert.equal(graph.types['y']?.dtype, 'S32');
  const rounded = [{ ...nodes[0]!, name: 'cast', attributes: { to: 6, round_mode: 'up' } }];
  assert.throws(() => readOnnx(modelBytes({ opset: 24, nodes: rounded, inputs: { x }, outputs: ['y'] }), { file: 'model.onnx', keep: makeStore().keep }), {
    message: `model.onnx  Cast "cast" uses attribute round_mode, which came with opset 24: axbuild's graphs are of opset 21
   try  export the model with opset 21`,
  });
});

test('an older Softmax over the last axis stays one node; over others it is flattened', () => {
  const opsOf = (axis: number): readonly string[] => {
    const nodes = [{ op: 'Relu', inputs: ['x'], outputs: ['r'] }, { op: 'Softmax', inputs: ['r'], outputs: ['y'], attributes: { axis } }];
    return readOnnx(modelBytes({ opset: 11, nodes, inputs: { x }, outputs: ['y'] }), { file: 'model.onnx', keep: makeStore().keep, opOf }).nodes.map((node) => node.op);
  };
  assert.deepEqual(opsOf(3), ['Relu', 'Softmax']);
  assert.deepEqual(opsOf(2), ['Relu', 'Shape', 'Flatten', 'Softmax', 'Reshape']);
});
