// Kinds that copy codes equal ONNX Runtime's operators on the codes themselves; the model's ends equal its QuantizeLinear and friends.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Codes, GroupStructure, GroupValues } from '../../../src/ops/group.ts';
import { kindOf } from '../../../src/ops/kinds/index.ts';
import { runFloat, runQuantised } from './oracle.ts';
import { Random, seed } from './random.ts';
import { quantFor, type CodeType, type Scene } from './rig.ts';
import { tally } from './tally.ts';

/** Copies have nothing to round. */
async function assertEqual(name: string, scene: (random: Random, i: number) => Scene): Promise<void> {
  for (const { histogram } of await tally({ name, scene, count: 16 })) assert.deepEqual([...histogram.keys()], [0]);
}

test('reshape, transpose and slice copy codes', async () => {
  for (const dtype of ['U8', 'U16'] as const) {
    await assertEqual(`reshape ${dtype}`, (random) => {
      const shape = [random.pick([1, 3]), random.pick([2, 5]), random.pick([1, 4]), 7];
      const to = random.pick([[shape.reduce((a, b) => a * b)], [shape[0]!, shape[1]! * 7, shape[2]!], [...shape, 1], shape.toReversed()]);
      const constants = { to: { shape: [to.length], data: BigInt64Array.from(to, BigInt) } };
      return { kind: 'move', attributes: { mode: 'reshape' }, shares: true, inputs: [{ shape, dtype }], output: { shape: to, dtype }, constants, head: [{ op: 'Reshape', inputs: ['x0', 'to'], output: 'h' }] };
    });
    await assertEqual(`transpose ${dtype}`, (random) => {
      const shape = Array.from({ length: random.whole(1, 6) }, () => random.pick([1, 2, 3, 5]));
      const perm = shape.map((_, axis) => ({ axis, key: random.unit() })).sort((a, b) => a.key - b.key).map(({ axis }) => axis);
      return {
        kind: 'move', attributes: { mode: 'transpose', perm }, shares: true,
        inputs: [{ shape, dtype }], output: { shape: perm.map((axis) => shape[axis]!), dtype },
        head: [{ op: 'Transpose', inputs: ['x0'], output: 'h', attributes: { perm } }],
      };
    });
    await assertEqual(`slice ${dtype}`, (random) => {
      const shape = [random.pick([1, 2]), random.pick([3, 8]), random.pick([1, 6]), random.pick([5, 11])];
      const cuts = shape.map((size) => {
        const step = random.pick([1, 1, 2, 3, -1, -2]);
        const start = step > 0 ? random.whole(0, Math.floor(size / 3)) : random.whole(Math.floor((2 * size) / 3), size - 1);
        const end = step > 0 ? random.whole(Math.max(start + 1, size - 1), size) : random.whole(-1, Math.min(start - 1, 1));
        return { start, step, end, size: Math.ceil((end - start) / step) };
      });
      const list = (numbers: readonly number[]) => ({ shape: [numbers.length], data: BigInt64Array.from(numbers, BigInt) });
      const constants = {
        starts: list(cuts.map(({ start }) => start)),
        // ONNX counts -1 from the end; what lies before the first element is written far below it.
        ends: list(cuts.map(({ end }) => (end < 0 ? -1000 : end))),
        axes: list(shape.map((_, axis) => axis)),
        steps: list(cuts.map(({ step }) => step)),
      };
      return {
        kind: 'move', attributes: { mode: 'slice', starts: cuts.map(({ start }) => start), steps: cuts.map(({ step }) => step) }, shares: true,
        inputs: [{ shape, dtype }], output: { shape: cuts.map(({ size }) => size), dtype }, constants,
        head: [{ op: 'Slice', inputs: ['x0', 'starts', 'ends', 'axes', 'steps'], output: 'h' }],
      };
    });
  }
});

test('concat puts its inputs side by side along any axis', async () => {
  for (const dtype of ['U8', 'U16'] as const) {
    await assertEqual(`concat ${dtype}`, (random) => {
      const shape = Array.from({ length: random.whole(1, 4) }, () => random.pick([1, 2, 7]));
      const axis = random.whole(0, shape.length - 1);
      const sizes = Array.from({ length: random.whole(1, 4) }, () => random.pick([1, 3, 16]));
      const along = (size: number): number[] => shape.map((own, at) => (at === axis ? size : own));
      return {
        kind: 'concat', attributes: { axis }, shares: true,
        inputs: sizes.map((size) => ({ shape: along(size), dtype, range: [-1, 2] as const })),
        output: { shape: along(sizes.reduce((a, b) => a + b)), dtype },
        head: [{ op: 'Concat', inputs: sizes.map((_, i) => `x${i}`), output: 'h', attributes: { axis } }],
      };
    });
  }
});

test('a concat of 8 bits takes 16-bit inputs as 8 bits', async () => {
  await tally({
    name: 'concat U16 as U8',
    scene: (random) => {
      const channels = random.pick([1, 5]);
      return {
        kind: 'concat', attributes: { axis: 1 }, shares: true,
        inputs: [{ shape: [2, channels, 8, 9], dtype: 'U8', range: [-1, 2] }, { shape: [2, 3, 8, 9], dtype: 'U16', entry: 'U8', range: [-1, 2] }],
        output: { shape: [2, channels + 3, 8, 9], dtype: 'U8' },
        head: [{ op: 'Concat', inputs: ['x0', 'x1'], output: 'h', attributes: { axis: 1 } }],
      };
    },
  });
});

test('resize repeats rows and columns', async () => {
  for (const dtype of ['U8', 'U16'] as const) {
    await assertEqual(`resize ${dtype}`, (random) => {
      const shape = [random.pick([1, 2]), random.pick([1, 5]), random.pick([1, 7]), random.pick([1, 4])];
      const scales = random.pick([[2, 2], [1, 3], [8, 4]]);
      const constants = { scales: { shape: [4], data: Float32Array.of(1, 1, ...scales) } };
      return {
        kind: 'resize', attributes: { scales }, shares: true,
        inputs: [{ shape, dtype }], output: { shape: [shape[0]!, shape[1]!, shape[2]! * scales[0]!, shape[3]! * scales[1]!], dtype }, constants,
        head: [{ op: 'Resize', inputs: ['x0', '', 'scales'], output: 'h', attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' } }],
      };
    });
  }
});

function ends(kind: 'quantize' | 'dequantize', { from, to, shape }: { from: CodeType | 'FP32'; to: CodeType | 'FP32'; shape: readonly number[] }): GroupStructure {
  const edge = (dtype: CodeType | 'FP32') => ({ shape, dtype, layout: 'plain' as const });
  return { kind, attributes: {}, inputs: [edge(from)], entries: [from], output: edge(to), constants: {}, epilogue: 'none' };
}

const noValues: GroupValues = { inputs: [null], entries: [null], output: null, chain: [], floats: {}, lists: {} };

test('quantize equals QuantizeLinear, and the image scaling before it', async () => {
  const random = new Random(seed);
  const shape = [1, 3, 20, 30];
  for (const to of ['U8', 'U16'] as const) {
    const quant = quantFor([-2.1, 2.6], to);
    // Many means, because single precision shows only where a pixel lies near a tie.
    for (let i = 0; i < 10; i++) {
      const mean = [0, 1, 2].map(() => random.between(100, 130));
      const std = [0, 1, 2].map(() => random.between(50, 60));
      const pixels: Codes = { shape, data: Uint8Array.from({ length: 1800 }, () => random.whole(0, 255)) };
      const structure = ends('quantize', { from: 'U8', to, shape });
      const params = kindOf('quantize').params(structure, { ...noValues, output: quant, lists: { mean, std } }, {}, none);
      const perChannel = (list: readonly number[]) => ({ shape: [1, 3, 1, 1], data: Float32Array.from(list) });
      const network = {
        inputs: [{ codes: pixels, quant: { scale: 1, zero: 0 } }],
        nodes: [{ op: 'Sub', inputs: ['x0', 'mean'], output: 'centred' }, { op: 'Div', inputs: ['centred', 'std'], output: 'y' }],
        constants: { mean: perChannel(mean), std: perChannel(std) },
      };
      assert.deepEqual(kindOf('quantize').integer(structure, params, [pixels]).data, await runQuantised(network, { dtype: to, quant }));
    }

    const floats: Codes = { shape, data: Float32Array.from({ length: 1800 }, () => random.between(-4, 4)) };
    const plain = ends('quantize', { from: 'FP32', to, shape });
    const direct = kindOf('quantize').integer(plain, kindOf('quantize').params(plain, { ...noValues, output: quant }, {}, none), [floats]);
    assert.deepEqual(direct.data, await quantiseFloats(floats, { dtype: to, quant }));
  }
});

test('dequantize equals DequantizeLinear', async () => {
  const random = new Random(seed);
  for (const from of ['U8', 'U16'] as const) {
    const quant = quantFor([-0.7, 3.1], from);
    const codes = Array.from({ length: 1000 }, () => random.whole(0, from === 'U8' ? 255 : 65535));
    const data = from === 'U8' ? Uint8Array.from(codes) : Uint16Array.from(codes);
    const structure = ends('dequantize', { from, to: 'FP32', shape: [10, 100] });
    const params = kindOf('dequantize').params(structure, { ...noValues, inputs: [quant], entries: [quant] }, {}, none);
    const floats = kindOf('dequantize').integer(structure, params, [{ shape: [10, 100], data }]);
    const nodes = [{ op: 'Identity', inputs: ['x0'], output: 'y' }];
    assert.deepEqual(floats.data, await runFloat({ inputs: [{ codes: { shape: [10, 100], data }, quant }], nodes, constants: {} }));
  }
});

function none(): never {
  throw new Error('these kinds read no blob');
}

/** QuantizeLinear of floats, given to the oracle as a constant. */
async function quantiseFloats({ shape, data }: Codes, output: { readonly dtype: CodeType; readonly quant: { readonly scale: number; readonly zero: number } }): Promise<Uint8Array | Uint16Array> {
  return runQuantised({ inputs: [], nodes: [{ op: 'Identity', inputs: ['floats'], output: 'y' }], constants: { floats: { shape, data: Float32Array.from(data) } } }, output);
}
