// Codes of samples: by the formula of docs/integer-spec.md, written here with the slow rounding.
import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesOf } from '../../src/base/bytes.ts';
import { roundHalfEven } from '../../src/base/real.ts';
import { distinctValues, randomCodes, sampleCodes } from '../../src/quant/codes.ts';
import { rounds, seeded } from './seeded.ts';

const most = { U8: 255, U16: 65535 };

for (const dtype of ['U8', 'U16'] as const) {
  const codesOf = (reals: readonly number[], quant: { scale: number; zero: number }): number[] =>
    [...sampleCodes(bytesOf(Float32Array.from(reals)), { shape: [reals.length], dtype, layout: 'plain' }, quant).data];
  const due = (reals: readonly number[], { scale, zero }: { scale: number; zero: number }): number[] =>
    reals.map((real) => Math.min(Math.max(roundHalfEven(Math.fround(Math.fround(real) / scale)) + zero, 0), most[dtype]) + 0);

  test(`${dtype}: quotients are rounded to the nearest, halves to even, before the zero is added`, () => {
    const halves = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5];
    assert.deepEqual(codesOf(halves, { scale: 1, zero: 100 }), [98, 98, 100, 100, 102, 102]);
    assert.deepEqual(codesOf(halves, { scale: 1, zero: 101 }), [99, 99, 101, 101, 103, 103]);
    const near = [0.49999997, -0.49999997, 0.50000006, 1e-40, -1e-40, -0];
    assert.deepEqual(codesOf(near, { scale: 1, zero: 7 }), [7, 7, 8, 7, 7, 7]);
  });

  test(`${dtype}: what is out of range takes the nearest end, however far out`, () => {
    for (const far of [70000, 2 ** 31, 2 ** 32 + 5, 2 ** 51, 2 ** 53, 1e20, 3e38]) {
      assert.deepEqual(codesOf([far, -far], { scale: 1, zero: 12 }), [most[dtype], 0]);
      assert.deepEqual(codesOf([far, -far], { scale: Math.fround(1e-8), zero: 12 }), [most[dtype], 0]);
    }
  });

  test(`${dtype}: on numbers and scales by chance, as by the formula`, () => {
    const random = seeded();
    for (let round = 0; round < rounds(200); round++) {
      const quant = { scale: Math.fround(2 ** (random() * 20 - 14)), zero: Math.floor(random() * (most[dtype] + 1)) };
      const spread = quant.scale * most[dtype] * 2 ** (random() * 8 - 5);
      const steps = (): number => Math.fround((Math.floor(random() * 600) - 300 + 0.5) * quant.scale); // close to halves
      const reals = Array.from({ length: 200 }, () => (random() < 0.5 ? steps() : (random() - 0.5) * 2 * spread));
      assert.deepEqual(codesOf(reals, quant), due(reals, quant), JSON.stringify(quant));
    }
  });
}

test('raw inputs are taken as they are', () => {
  assert.deepEqual(sampleCodes(Uint8Array.of(0, 7, 255), { shape: [3], dtype: 'U8', layout: 'plain' }, null).data, Uint8Array.of(0, 7, 255));
  assert.deepEqual(sampleCodes(bytesOf(Float32Array.of(-1.5, 7)), { shape: [2], dtype: 'FP32', layout: 'plain' }, null).data, Float32Array.of(-1.5, 7));
});

test('different codes are counted over all tensors together', () => {
  assert.equal(distinctValues([]), 0);
  const of = (data: Uint8Array | Uint16Array) => ({ shape: [data.length], data });
  assert.equal(distinctValues([of(Uint8Array.of(0, 255, 255, 3)), of(Uint8Array.of(3, 4))]), 4);
  assert.equal(distinctValues([of(Uint16Array.of(0, 65535, 256, 0)), of(Uint16Array.of(65535, 1))]), 4);
  assert.equal(distinctValues([of(Uint8Array.of(1, 2)), of(Uint16Array.of(2, 300))]), 3);
  const random = randomCodes({ shape: [70_000], dtype: 'U16', layout: 'plain' }, 5);
  assert.equal(distinctValues([random]), new Set(random.data).size);
});
