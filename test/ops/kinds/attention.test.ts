// matmul, layer_norm and constant against float in ONNX Runtime: what networks of attention add.
import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesOf } from '../../../src/base/bytes.ts';
import { digestOf } from '../../../src/base/digest.ts';
import type { GroupStructure } from '../../../src/ops/group.ts';
import { kindOf } from '../../../src/ops/kinds/index.ts';
import type { Random } from './random.ts';
import type { CodeType, Scene } from './rig.ts';
import { tally } from './tally.ts';

const types: readonly (readonly [CodeType, CodeType])[] = [['U8', 'U8'], ['U16', 'U16'], ['U16', 'U8'], ['U8', 'U16']];

test('a product of two activations is within a step of float', async () => {
  const scene = (random: Random, { input, output, i }: { input: CodeType; output: CodeType; i: number }): Scene => {
    const stack = random.pick([[], [1], [3]]);
    const [m, k, n] = [random.pick([1, 7, 33]), i === 0 ? 1000 : random.pick([1, 2, 32, 65]), random.pick([1, 5, 40])];
    return {
      kind: 'matmul', attributes: {},
      // The second in its own type or in the first's; one that is wider than the group requantises.
      inputs: [{ shape: [...stack, m, k], dtype: input }, { shape: [...stack, k, n], dtype: i % 4 === 3 ? 'U16' : input, ...(i % 4 === 3 && { entry: input }) }],
      output: { shape: [...stack, m, n], dtype: output },
      chain: i % 3 === 2 ? [{ fn: 'affine', args: [0.125, 0] }] : [],
      head: [{ op: 'MatMul', inputs: ['x0', 'x1'], output: 'h' }],
    };
  };
  for (const [input, output] of types) await tally({ name: `matmul ${input} to ${output}`, count: 16, scene: (random, i) => scene(random, { input, output, i }) });
});

test('layer_norm is within a step of float, for short rows and long ones, steep ones and flat ones', async () => {
  const scene = (random: Random, { input, output, i }: { input: CodeType; output: CodeType; i: number }): Scene => {
    const n = i === 0 ? 4096 : random.pick([12, 64, 192, 768]);
    const shape = [...random.pick([[], [2]]), random.pick([1, 5, 20]), n];
    const scale = Float32Array.from({ length: n }, () => (i % 4 === 1 ? 1 : random.normal() + 1));
    const bias = Float32Array.from({ length: n }, () => random.normal());
    return {
      kind: 'layer_norm', attributes: { axis: -1, epsilon: Math.fround(i % 5 === 4 ? 0.1 : 1e-5) },
      inputs: [{ shape, dtype: input }], output: { shape, dtype: output }, floats: { scale, bias },
      chain: i % 3 === 2 ? [{ fn: 'gelu', args: [] }] : [],
      constants: { epsilon: { shape: [], data: Float32Array.of(i % 5 === 4 ? 0.1 : 1e-5) }, axes: { shape: [1], data: BigInt64Array.of(-1n) } },
      // In doubles: ONNX Runtime's own operator loses what matters where the mean is large.
      head: [
        { op: 'Cast', inputs: ['x0'], output: 'x', attributes: { to: 11 } },
        ...['scale', 'bias', 'epsilon'].map((name) => ({ op: 'Cast', inputs: [name], output: `${name}64`, attributes: { to: 11 } })),
        { op: 'ReduceMean', inputs: ['x', 'axes'], output: 'mean' },
        { op: 'Sub', inputs: ['x', 'mean'], output: 'centred' },
        { op: 'Mul', inputs: ['centred', 'centred'], output: 'squares' },
        { op: 'ReduceMean', inputs: ['squares', 'axes'], output: 'variance' },
        { op: 'Add', inputs: ['variance', 'epsilon64'], output: 'held' },
        { op: 'Sqrt', inputs: ['held'], output: 'root' },
        { op: 'Div', inputs: ['centred', 'root'], output: 'normal' },
        { op: 'Mul', inputs: ['normal', 'scale64'], output: 'scaled' },
        { op: 'Add', inputs: ['scaled', 'bias64'], output: 'shifted' },
        { op: 'Cast', inputs: ['shifted'], output: 'h', attributes: { to: 1 } },
      ],
    };
  };
  for (const [input, output] of types) await tally({ name: `layer_norm ${input} to ${output}`, count: 15, scene: (random, i) => scene(random, { input, output, i }) });
});

test('a row of equal codes is normalised to nothing, whatever its size: the shift alone is left', () => {
  const structure: GroupStructure = {
    kind: 'layer_norm', attributes: { axis: -1, epsilon: 0 }, inputs: [{ shape: [2, 3], dtype: 'U8', layout: 'plain' }], entries: ['U8'],
    output: { shape: [2, 3], dtype: 'U8', layout: 'plain' }, constants: {}, epilogue: 'clamp',
  };
  const shift = Float32Array.of(1, -2, 0);
  const values = { inputs: [{ scale: 1, zero: 0 }], entries: [{ scale: 1, zero: 0 }], output: { scale: 0.5, zero: 100 }, chain: [], floats: { bias: digestOf(bytesOf(shift)) }, lists: {} };
  const params = kindOf('layer_norm').params(structure, values, {}, () => bytesOf(shift));
  const { data } = kindOf('layer_norm').integer(structure, params, [{ shape: [2, 3], data: Uint8Array.of(7, 7, 7, 0, 255, 0) }]);
  // (0, 255, 0): less its mean 85, over its deviation 120.2: -0.707, 1.414, -0.707.
  assert.deepEqual([...data], [102, 96, 100, 101, 99, 99]);
});

test('a constant is quantised as its edge is', () => {
  const edge = { shape: [4], dtype: 'U8', layout: 'plain' } as const;
  const numbers = Float32Array.of(-1, 0, 0.26, 1000);
  const structure: GroupStructure = { kind: 'constant', attributes: {}, inputs: [], entries: [], output: edge, constants: {}, epilogue: 'clamp' };
  const params = kindOf('constant').params(structure, { inputs: [], entries: [], output: { scale: 0.5, zero: 3 }, chain: [], floats: { value: digestOf(bytesOf(numbers)) }, lists: {} }, {}, () => bytesOf(numbers));
  assert.deepEqual([...kindOf('constant').integer(structure, params, []).data], [1, 3, 4, 255]);
});
