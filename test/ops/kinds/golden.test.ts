// Small cases that a person can work out from docs/integer-spec.md.
import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesOf } from '../../../src/base/bytes.ts';
import { digestOf } from '../../../src/base/digest.ts';
import type { EdgeType, GroupStructure, GroupValues, Quant } from '../../../src/ops/group.ts';
import { epilogue } from '../../../src/ops/kinds/epilogue.ts';
import { kindOf, kinds } from '../../../src/ops/kinds/index.ts';
import { readParams, writeParams } from '../../../src/ops/kinds/params-pack.ts';
import { scaleToMultiplier } from '../../../src/base/real.ts';
import { rescale } from '../../../src/ops/kinds/rescale.ts';
import { Random, seed, soak } from './random.ts';

const half = [2 ** 30, 31] as const;

test('rescale rounds halves up, towards plus infinity', () => {
  assert.deepEqual([-4, -3, -2, -1, 0, 1, 2, 3].map((v) => rescale(v, ...half)), [-2, -1, -1, 0, 0, 1, 1, 2]);
  assert.equal(rescale(7, 2 ** 30, 30), 7);
  assert.equal(rescale(100, 1431655765, 32), 33); // a third
  assert.equal(rescale(5, 2 ** 30, 17), 5 * 8192);
  assert.equal(rescale(123456789, 0, 62), 0);
});

test('rescale is exact over its whole range', () => {
  const random = new Random(seed);
  const exact = (v: number, m: number, s: number): number => Number((BigInt(v) * BigInt(m) + (1n << BigInt(s - 1))) >> BigInt(s));
  const edges = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 37 - 1, 2 ** 37, -(2 ** 37), -(2 ** 37) - 1, 2 ** 47 - 1, -(2 ** 47)];
  for (const v of edges) {
    for (const m of [2 ** 30, 2 ** 31 - 1, 0]) for (let s = 17; s <= 62; s++) assert.equal(rescale(v, m, s), exact(v, m, s), `rescale(${v}, ${m}, ${s})`);
  }
  for (let i = 0; i < (soak ? 2_000_000 : 50_000); i++) {
    const v = Math.floor((random.unit() - 0.5) * 2 ** random.whole(1, 48));
    const [m, s] = [random.whole(2 ** 30, 2 ** 31 - 1), random.whole(17, 62)];
    assert.equal(rescale(v, m, s), exact(v, m, s), `SEED=${seed}: rescale(${v}, ${m}, ${s})`);
    const small = random.whole(0, 2 ** 30);
    assert.equal(rescale(v, small, 62), exact(v, small, 62), `SEED=${seed}: rescale(${v}, ${small}, 62)`);
  }
});

test('a factor too small for 31 bits of multiplier is off by 2^-16 of a step at the most', () => {
  const random = new Random(seed);
  for (let i = 0; i < 2000; i++) {
    const [v, factor] = [Math.floor((random.unit() - 0.5) * 2 ** 48), random.unit() * 2 ** -random.whole(32, 70)];
    const { multiplier, shift } = scaleToMultiplier(factor);
    assert.ok(Math.abs(rescale(v, multiplier, shift) - v * factor) <= 0.5 + 2 ** -15.9, `SEED=${seed}: ${v} times ${factor}`);
  }
});

test('a clamp epilogue adds the zero and clamps', () => {
  const finish = epilogue(structureOf('conv', {}), { scalars: { zero: 10, lo: 10, hi: 200 }, arrays: {} });
  assert.deepEqual([-500, -5, 0, 100, 190, 191, 500].map(finish), [10, 10, 10, 110, 200, 200, 200]);
});

test('a table epilogue interpolates between nodes and holds its ends', () => {
  // Four pieces of four steps; nodes 0, 2, 2, 10, 10 in halves; r = -6 is the left end.
  const params = { scalars: { zero: 6, lo: 0, hi: 9, index_bits: 2, fraction_bits: 2, value_bits: 1 }, arrays: { table: Int32Array.of(0, 4, 4, 20, 20) } };
  const finish = epilogue({ ...structureOf('conv', {}), epilogue: 'table' }, params);
  assert.deepEqual([-100, -6, -5, -4, -3, -2, 2, 3, 4, 5, 6, 100].map(finish), [0, 0, 1, 1, 2, 2, 2, 4, 6, 8, 9, 9]);
});

test('conv: bias, padding and rescale by hand', () => {
  const structure = {
    ...structureOf('conv', { kernel: [2, 2], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 0, 0], group: 1 }, [[1, 1, 2, 2]], [1, 1, 2, 2]),
    constants: { weight: { shape: [1, 1, 2, 2], dtype: 'S8' as const } },
  };
  // One accumulator step is 0.5 * 0.25 = 0.125, and so is one output step.
  const bias = Float32Array.of(1);
  const values = valuesOf([{ scale: 0.5, zero: 3 }], { scale: 0.125, zero: 100 }, { floats: { bias: digestOf(bytesOf(bias)) } });
  const weight = { shape: [1, 1, 2, 2], codes: Int8Array.of(1, 2, 3, -4), scales: Float32Array.of(0.25) };
  const params = kindOf('conv').params(structure, values, { weight }, () => bytesOf(bias));
  assert.deepEqual(params, {
    scalars: { in_zero: 3, zero: 100, lo: 0, hi: 255 },
    arrays: { weight: weight.codes, bias: BigInt64Array.of(8n), multiplier: Int32Array.of(2 ** 30), shift: Int32Array.of(30) },
  });
  // Input minus zero: 0 2 / 4 6.
  const out = kindOf('conv').integer(structure, params, [{ shape: [1, 1, 2, 2], data: Uint8Array.of(3, 5, 7, 9) }]);
  assert.deepEqual([...out.data], [100 + 8, 100 + 8 - 4 * 2, 100 + 8 - 4 * 4, 100 + 8 + 2 * 2 + 3 * 4 - 4 * 6]);
});

test('conv with a tail in FP32: sums times their unit, functions, and codes only where the edge carries them', () => {
  const structure: GroupStructure = {
    ...structureOf('conv', { functions: 'affine relu' }, [[1, 2]], [1, 2]), constants: { weight: { shape: [2, 2, 1, 1], dtype: 'S8' } }, epilogue: 'float',
  };
  const chain = [{ fn: 'affine', args: [2, -1] }, { fn: 'relu', args: [] }];
  const weight = { shape: [2, 2, 1, 1], codes: Int8Array.of(1, 2, 3, -4), scales: Float32Array.of(0.25, 0.5) };
  const run = (output: Quant | null): readonly number[] => {
    const own: GroupStructure = output === null ? { ...structure, output: { ...structure.output, dtype: 'FP32' } } : structure;
    const params = kindOf('conv').params(own, { ...valuesOf([{ scale: 0.5, zero: 3 }], output!), chain }, { weight }, noBlob);
    assert.deepEqual(params.arrays.unit, Float32Array.of(0.125, 0.25));
    return [...kindOf('conv').integer(own, params, [{ shape: [1, 2], data: Uint8Array.of(13, 4) }]).data];
  };
  // Codes minus zero are 10 and 1: sums 12 and 26, reals 1.5 and 6.5, and 2x - 1.
  assert.deepEqual(run(null), [2, 12]);
  assert.deepEqual(run({ scale: 0.5, zero: 7 }), [11, 31]);
});

test('a bias counts in accumulator steps, halves away from zero, and saturates', () => {
  const structure = { ...structureOf('conv', {}, [[1, 1]], [1, 5]), constants: { weight: { shape: [5, 1, 1, 1], dtype: 'S8' as const } } };
  const bias = Float32Array.of(0.0625, -0.0625, 0.0624, 1e30, -1e30);
  const values = valuesOf([{ scale: 0.5, zero: 0 }], { scale: 1, zero: 0 }, { floats: { bias: digestOf(bytesOf(bias)) } });
  const weight = { shape: [5, 1, 1, 1], codes: new Int8Array(5), scales: new Float32Array(5).fill(0.25) };
  assert.deepEqual(kindOf('conv').params(structure, values, { weight }, () => bytesOf(bias)).arrays.bias, BigInt64Array.of(1n, -1n, 0n, 2n ** 31n - 1n, -(2n ** 31n)));
});

test('an accumulator saturates once, after everything has been added', () => {
  const inputs = 70_000;
  const structure = { ...structureOf('conv', {}, [[1, inputs]], [1, 1]), constants: { weight: { shape: [1, inputs, 1, 1], dtype: 'S8' as const } } };
  const scalars = { in_zero: 0, zero: 0, lo: 0, hi: 255 };
  const run = (bias: bigint): number => {
    const arrays = { weight: new Int8Array(inputs).fill(127), bias: BigInt64Array.of(bias), multiplier: Int32Array.of(2 ** 30), shift: Int32Array.of(54) };
    return kindOf('conv').integer(structure, { scalars, arrays }, [{ shape: [1, inputs], data: new Uint8Array(inputs).fill(255) }]).data[0]!;
  };
  // 255 * 127 * 70000 is 135.1 * 2^24, and 2^31 is 128 * 2^24.
  assert.equal(run(0n), 128);
  assert.equal(run(-(10n * 2n ** 24n)), 125);
});

test('add meets its inputs at one shift', () => {
  const structure = structureOf('eltwise', { op: 'add' }, [[4], [4]], [4]);
  // In steps of the output, a counts 2 and b 1: 2 * 2^19 is the largest below 2^21.
  const values = valuesOf([{ scale: 1, zero: 0 }, { scale: 0.5, zero: 10 }], { scale: 0.5, zero: 0 });
  const params = kindOf('eltwise').params(structure, values, {}, noBlob);
  assert.deepEqual(params.scalars, { a_zero: 0, b_zero: 10, a_multiplier: 2 ** 20, b_multiplier: 2 ** 19, shift: 19, zero: 0, lo: 0, hi: 255 });
  const data = [Uint8Array.of(3, 0, 200, 0), Uint8Array.of(14, 10, 10, 0)].map((codes) => ({ shape: [4], data: codes }));
  assert.deepEqual([...kindOf('eltwise').integer(structure, params, data).data], [10, 0, 255, 0]);
});

test('add rounds halves up, and sub is an add with a negative multiplier', () => {
  const quants = [{ scale: 1, zero: 0 }, { scale: 1, zero: 0 }];
  const data = [Uint8Array.of(1, 3, 0, 1), Uint8Array.of(0, 0, 1, 2)].map((codes) => ({ shape: [4], data: codes }));
  const run = (op: string): number[] => {
    const structure = structureOf('eltwise', { op }, [[4], [4]], [4]);
    const params = kindOf('eltwise').params(structure, valuesOf(quants, { scale: 2, zero: 100 }), {}, noBlob);
    return [...kindOf('eltwise').integer(structure, params, data).data];
  };
  assert.deepEqual(run('add'), [101, 102, 101, 102]);
  assert.deepEqual(run('sub'), [101, 102, 100, 100]);
});

test('softmax divides whole numbers and rounds halves up', () => {
  // A step of ln 2: each code less halves the exponential.
  const structure = structureOf('softmax', { axis: 1 }, [[3, 2]], [3, 2]);
  const values = valuesOf([{ scale: Math.fround(Math.LN2), zero: 0 }], { scale: Math.fround(1 / 255), zero: 0 });
  const params = kindOf('softmax').params(structure, values, {}, noBlob);
  assert.deepEqual([...(params.arrays.exp_table as Uint32Array).subarray(0, 4)], [2 ** 23, 2 ** 22, 2 ** 21, 2 ** 20]);
  const out = kindOf('softmax').integer(structure, params, [{ shape: [3, 2], data: Uint8Array.of(10, 10, 10, 9, 255, 0) }]);
  // 255 / 2 = 127.5; 255 * 2/3 = 170 and 255 / 3 = 85; everything and nothing.
  assert.deepEqual([...out.data], [128, 128, 170, 85, 255, 0]);
});

test('a fused clip narrows lo and hi to the codes of its bounds', () => {
  const structure = structureOf('eltwise', { op: 'mul' }, [[1], [1]], [1]);
  const quants = [{ scale: 0.1, zero: 0 }, { scale: 0.1, zero: 0 }];
  const clipped = (chain: GroupValues['chain']): unknown => {
    const { zero, lo, hi } = kindOf('eltwise').params(structure, valuesOf(quants, { scale: 0.5, zero: 20 }, { chain }), {}, noBlob).scalars;
    return { zero, lo, hi };
  };
  assert.deepEqual(clipped([]), { zero: 20, lo: 0, hi: 255 });
  assert.deepEqual(clipped([{ fn: 'relu', args: [] }]), { zero: 20, lo: 20, hi: 255 });
  assert.deepEqual(clipped([{ fn: 'clip', args: [-1, 6] }]), { zero: 20, lo: 18, hi: 32 });
  assert.deepEqual(clipped([{ fn: 'clip', args: [-1, 6] }, { fn: 'relu', args: [] }]), { zero: 20, lo: 20, hi: 32 });
});

test('an output with next to no range saturates', () => {
  const structure = structureOf('eltwise', { op: 'add' }, [[3], [3]], [3]);
  const values = valuesOf([{ scale: 0.5, zero: 128 }, { scale: 0.1, zero: 0 }], { scale: Math.fround(1e-8), zero: 0 });
  const params = kindOf('eltwise').params(structure, values, {}, noBlob);
  const data = [Uint8Array.of(128, 129, 0), Uint8Array.of(0, 0, 0)].map((codes) => ({ shape: [3], data: codes }));
  assert.deepEqual([...kindOf('eltwise').integer(structure, params, data).data], [0, 255, 0]);
});

test('an input may change its type on entry, not its scale alone', () => {
  const structure = structureOf('concat', { axis: 0 }, [[1]], [1]);
  const values: GroupValues = { ...valuesOf([{ scale: 1, zero: 0 }], { scale: 2, zero: 0 }), entries: [{ scale: 2, zero: 0 }] };
  assert.throws(() => kindOf('concat').params(structure, values, {}, noBlob), { message: 'BUG: input 0 of concat changes its scale but not its type' });
});

test('params survive their bytes, which do not depend on the order of members', () => {
  const scalars = { in_zero: 3, scale: Math.fround(0.1), zero: -7 };
  const arrays = {
    weight: Int8Array.of(-1, 2), lut: Uint16Array.of(65535), bias: BigInt64Array.of(-(2n ** 40n)), table: Int32Array.of(-5),
    exp_table: Uint32Array.of(2 ** 30), mean: Float32Array.of(0.5),
  };
  assert.deepEqual(readParams(writeParams({ scalars, arrays })), { scalars, arrays });
  const turned = { scalars: Object.fromEntries(Object.entries(scalars).reverse()), arrays: Object.fromEntries(Object.entries(arrays).reverse()) };
  assert.deepEqual(writeParams(turned), writeParams({ scalars, arrays }));
});

test('every kind is in the table once', () => {
  assert.deepEqual(kinds.map(({ name }) => name), [
    'conv', 'conv_transpose', 'matmul', 'eltwise', 'unary', 'max_pool', 'avg_pool', 'mean', 'concat', 'resize', 'move', 'softmax', 'layer_norm', 'constant', 'quantize', 'dequantize',
  ]);
  assert.throws(() => kindOf('lstm'), { message: 'BUG: no kind is called "lstm"' });
});

function structureOf(kind: string, attributes: GroupStructure['attributes'], inputs: readonly (readonly number[])[] = [], output: readonly number[] = []): GroupStructure {
  const edge = (shape: readonly number[]) => ({ shape, dtype: 'U8' as EdgeType, layout: 'plain' as const });
  return { kind, attributes, inputs: inputs.map(edge), entries: inputs.map(() => 'U8'), output: edge(output), constants: {}, epilogue: 'clamp' };
}

function valuesOf(quants: readonly Quant[], output: Quant, rest: Partial<GroupValues> = {}): GroupValues {
  return { inputs: quants, entries: quants, output, chain: [], floats: {}, lists: {}, ...rest };
}

function noBlob(): never {
  throw new Error('this group reads no blob');
}
