import assert from 'node:assert/strict';
import test from 'node:test';
import { addressAlign, allocate, liveBytes, type Item } from '../../src/npu/allocate.ts';
import { Random, seed, soak } from './random.ts';

function randomItems(random: Random): Item[] {
  const steps = random.whole(1, 40);
  return Array.from({ length: random.whole(0, 60) }, () => {
    const from = random.whole(0, steps);
    const bytes = random.pick([0, 1, 64, 1000, 65536, random.whole(1, 200_000)]);
    return { bytes, from, to: Math.min(steps, from + random.pick([0, 1, 1, 2, random.whole(0, steps)])) };
  });
}

test('what is alive at the same time lies apart, and the peak is where the highest ends', () => {
  for (let i = 0; i < (soak ? 3000 : 300); i++) {
    const items = randomItems(new Random(seed * 31 + i));
    const { offsets, peak, live } = allocate(items);
    const ends = items.map(({ bytes }, a) => offsets[a]! + Math.ceil(bytes / addressAlign) * addressAlign);
    assert.equal(peak, Math.max(0, ...ends), `SEED=${seed} case ${i}`);
    assert.ok(peak >= live, `SEED=${seed} case ${i}`);
    items.forEach((one, a) => items.slice(a + 1).forEach((other, k) => {
      const b = a + 1 + k;
      const together = one.from <= other.to && other.from <= one.to;
      const apart = ends[a]! <= offsets[b]! || ends[b]! <= offsets[a]!;
      assert.ok(!together || apart, `SEED=${seed} case ${i}: items ${a} and ${b}`);
    }));
  }
});

test('on random lifetimes the peak is within 1.3 times of what is alive', () => {
  for (let i = 0; i < (soak ? 3000 : 300); i++) {
    const { peak, live } = allocate(randomItems(new Random(seed * 53 + i)));
    assert.ok(peak <= 1.3 * live, `SEED=${seed} case ${i}: ${peak} for ${live}`);
  }
});

test('the bytes alive at one time are a bound that a chain of two reaches', () => {
  const chain: Item[] = [{ bytes: 640, from: 0, to: 1 }, { bytes: 128, from: 1, to: 2 }, { bytes: 640, from: 2, to: 3 }];
  assert.equal(liveBytes(chain), 768);
  assert.deepEqual(allocate(chain), { offsets: [0, 640, 0], peak: 768, live: 768 });
});

test('nothing needs no memory', () => {
  assert.deepEqual(allocate([]), { offsets: [], peak: 0, live: 0 });
});
