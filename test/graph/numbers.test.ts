// Numbers of raw bytes and back, for every element type.
import assert from 'node:assert/strict';
import test from 'node:test';
import { dtypes, type DType } from '../../src/base/dtype.ts';
import { bytesOfNumbers, numbersOf } from '../../src/graph/numbers.ts';

const samples: Readonly<Record<DType, readonly number[]>> = {
  FP32: [0, -1.5, Math.fround(0.1), Infinity], FP64: [0.1, -1e300], FP16: [0.5, -65504, 2 ** -24], U8: [0, 255], S8: [-128, 127], U16: [65535], S16: [-32768],
  U32: [4294967295], S32: [-2147483648], U64: [2 ** 53], S64: [-(2 ** 53), 7], BOOL: [0, 1],
};

for (const dtype of Object.keys(dtypes) as DType[]) {
  test(`${dtype} survives`, () => assert.deepEqual(numbersOf(bytesOfNumbers(samples[dtype], dtype), dtype), samples[dtype]));
}

test('numbers are read from any offset, Buffers included', () => {
  const bytes = Buffer.concat([Buffer.of(1), bytesOfNumbers([1.5, -2], 'FP32')]).subarray(1);
  assert.deepEqual(numbersOf(bytes, 'FP32'), [1.5, -2]);
});

test('64-bit numbers past their range become the nearest end', () => {
  assert.deepEqual(new BigInt64Array(bytesOfNumbers([2 ** 63, -(2 ** 70)], 'S64').slice().buffer), BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n)));
  assert.deepEqual(new BigUint64Array(bytesOfNumbers([-1, 2 ** 64], 'U64').slice().buffer), BigUint64Array.of(0n, 2n ** 64n - 1n));
});

test('every half is the number it stands for, and every number the nearest half', () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((half) => (half & 0x7c00) !== 0x7c00 || (half & 0x3ff) === 0);
  const numbers = numbersOf(new Uint8Array(halves.buffer), 'FP16');
  assert.deepEqual(new Uint16Array(bytesOfNumbers(numbers, 'FP16').slice().buffer), halves);
  const between = numbers.filter((n) => n > 0 && n < 65504);
  for (const low of between.filter((_, i) => i % 17 === 0)) {
    const [bits] = new Uint16Array(bytesOfNumbers([low], 'FP16').slice().buffer);
    const high = numbersOf(new Uint8Array(Uint16Array.of(bits! + 1).buffer), 'FP16')[0]!;
    const even = bits! % 2 === 0 ? low : high;
    assert.deepEqual(numbersOf(bytesOfNumbers([(low + high) / 2, low * 0.75 + high * 0.25], 'FP16'), 'FP16'), [even, low]);
  }
  assert.deepEqual(numbersOf(bytesOfNumbers([65519, 65520, NaN], 'FP16'), 'FP16'), [65504, Infinity, NaN]);
});
