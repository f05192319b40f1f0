// Weights as symmetric codes, one scale per output channel.
import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesOf } from '../../src/base/bytes.ts';
import { quantiseWeight, readWeight, writeWeight, type WeightForm } from '../../src/quant/weights.ts';
import { faultOf } from './faults.ts';

const quantise = (numbers: readonly number[], form: Omit<WeightForm, 'dtype'> & { dtype?: 'S8' | 'S16' }, refineThreshold = 1e-6) =>
  quantiseWeight(bytesOf(Float32Array.from(numbers)), { dtype: 'S8', ...form }, { refineThreshold });

test('the largest magnitude of a channel becomes 127, halves go to the even code', () => {
  const { shape, codes, scales } = quantise([127, 2.5, -1.5, 0.5, -254, 5, 3, 1], { shape: [2, 4], axis: 0 });
  assert.deepEqual([...scales], [1, 2]);
  assert.deepEqual([...codes], [127, 2, -2, 0, -127, 2, 2, 0]);
  assert.deepEqual(shape, [2, 4]);
});

test('sixteen bits reach 32767', () => {
  const { codes, scales } = quantise([-0.5, 0.25], { shape: [1, 2], axis: 0, dtype: 'S16' });
  assert.deepEqual([...codes], [-32767, 16384]);
  assert.deepEqual([...scales], [Math.fround(0.5 / 32767)]);
});

test('the output channels of ConvTranspose are axis 1: [I, O, kh, kw] becomes [O, I, kh, kw]', () => {
  // i0: o0 = 1 2, o1 = 30 40; i1: o0 = 5 6, o1 = 70 127; kernel 1 x 2.
  const { shape, codes } = quantise([1, 2, 30, 40, 5, 127, 70, 127], { shape: [2, 2, 1, 2], axis: 1, transpose: [1, 0, 2, 3] });
  assert.deepEqual(shape, [2, 2, 1, 2]);
  assert.deepEqual([...codes], [1, 2, 5, 127, 30, 40, 70, 127]);
});

test('a matrix [K, N] becomes [N, K, 1, 1]', () => {
  const { shape, codes } = quantise([1, 127, 127, 2, 3, 4], { shape: [3, 2], axis: 1, transpose: [1, 0], reshape: [2, 3, 1, 1] });
  assert.deepEqual(shape, [2, 3, 1, 1]);
  assert.deepEqual([...codes], [1, 127, 3, 127, 2, 4]);
});

test('a transpose of three axes puts every number where it belongs', () => {
  const numbers = Array.from({ length: 24 }, (_, i) => i + 1);
  const { codes, scales } = quantise(numbers, { shape: [2, 3, 4], axis: 2, transpose: [2, 0, 1] });
  const expected = [0, 1, 2, 3].flatMap((c) => [0, 1].flatMap((a) => [0, 1, 2].map((b) => a * 12 + b * 4 + c + 1)));
  assert.deepEqual([...codes].map((code, i) => Math.round(code * scales[Math.floor(i / 6)]!)), expected);
});

test('a dead channel takes the largest scale of its tensor, so that its bias stays countable', () => {
  const dead = 1e-9;
  const { codes, scales } = quantise([127, 1, dead, -dead, 0, 0, 12.7, 0], { shape: [4, 2], axis: 0 });
  assert.deepEqual([...scales], [1, 1, 1, Math.fround(Math.fround(12.7) / 127)]);
  assert.deepEqual([...codes.subarray(2, 6)], [0, 0, 0, 0]);
});

test('a threshold of 0 or -1 leaves small channels alone; channels of zeros need a scale all the same', () => {
  for (const threshold of [0, -1]) {
    const { codes, scales } = quantise([127, 1, 1e-9, -1e-9, 0, 0], { shape: [3, 2], axis: 0 }, threshold);
    assert.deepEqual([...scales], [1, Math.fround(Math.fround(1e-9) / 127), 1]);
    assert.deepEqual([...codes], [127, 1, 127, -127, 0, 0]);
  }
  assert.deepEqual([...quantise([0, 0], { shape: [2, 1], axis: 0 }).scales], [Math.fround(1 / 127), Math.fround(1 / 127)]);
});

test('a weight survives its pack', () => {
  for (const dtype of ['S8', 'S16'] as const) {
    const weight = quantise([1, -2, 3, 0.5, 7, 9], { shape: [3, 2], axis: 0, dtype });
    assert.deepEqual(readWeight(writeWeight(weight)), weight);
  }
});

test('a weight that is not finite is a fault', () => {
  assert.equal(faultOf(() => quantise([1, 2, NaN, 4], { shape: [2, 2], axis: 0 })), [
    'a weight holds NaN (output channel 1)',
    '   try  export the model again: its weights must be finite',
  ].join('\n'));
});
