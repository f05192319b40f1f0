// What calibration keeps of the tensors it saw, and the ranges that methods make of it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { methods } from '../../src/quant/methods/index.ts';
import { mergeSketches, readSketch, sketchOf, writeSketch, type FloatTensor, type Sketch } from '../../src/quant/sketch.ts';
import { faultOf } from './faults.ts';
import { seeded } from './seeded.ts';

const tensor = (name: string, values: readonly number[]): FloatTensor => ({ name, shape: [values.length], data: Float32Array.from(values) });

test('a sketch keeps the least and the greatest value, and how many there were', () => {
  assert.deepEqual([...sketchOf([tensor('a', [3, -1.5, 2]), tensor('empty', [])])], [
    ['a', { count: 3, min: -1.5, max: 3 }],
    ['empty', { count: 0, min: 0, max: 0 }],
  ]);
});

test('merging is commutative and associative to the bit', () => {
  const random = seeded();
  const sketches = Array.from({ length: 7 }, () => sketchOf([
    tensor('a', Array.from({ length: 5 }, () => random() * 8 - 4)),
    tensor('b', random() < 0.3 ? [] : [random(), -0]),
    tensor('c', [0, -0, random() * 1e-40]),
  ]));
  const bytes = (sketch: Sketch): string => Buffer.from(writeSketch(sketch)).toString('hex');
  const whole = bytes(mergeSketches(sketches));
  for (let round = 0; round < 50; round++) {
    const shuffled = [...sketches].sort(() => random() - 0.5);
    const cut = 1 + Math.floor(random() * (shuffled.length - 1));
    assert.equal(bytes(mergeSketches([mergeSketches(shuffled.slice(0, cut)), mergeSketches(shuffled.slice(cut))])), whole);
  }
});

test('an empty tensor has no values: it moves no range', () => {
  const [empty, seen] = [sketchOf([tensor('a', [])]), sketchOf([tensor('a', [3, 4])])];
  for (const order of [[empty, seen], [seen, empty]]) assert.deepEqual(mergeSketches(order).get('a'), { count: 2, min: 3, max: 4 });
});

test('a sketch survives its pack, in an order of names that does not depend on the order of tensors', () => {
  const [one, other] = [sketchOf([tensor('b', [1]), tensor('a', [-1, 0.5])]), sketchOf([tensor('a', [-1, 0.5]), tensor('b', [1])])];
  assert.deepEqual(writeSketch(one), writeSketch(other));
  assert.deepEqual(new Map(readSketch(writeSketch(one))), new Map(other));
});

test('a tensor that is not finite is a fault that names it', () => {
  assert.equal(faultOf(() => sketchOf([{ name: 'conv_3', shape: [1, 2, 2], data: Float32Array.of(0, 1, NaN, Infinity) }])), [
    'float tensor "conv_3" is NaN at [0,1,0]',
    '   tensor  FP32[1,2,2], 2 of 4 values not finite',
    '   try     look for the first tensor that is not finite: a division by zero, an overflow, or calibration data outside of what the model expects',
  ].join('\n'));
});

test('no images are a fault, bytes of something else as well', () => {
  assert.equal(faultOf(() => mergeSketches([])), 'calibration needs at least one image, and there is none');
  assert.equal(faultOf(() => readSketch(new Uint8Array(40))), 'these bytes are not an axbuild pack');
});

for (const method of methods) {
  test(`${method.name}: the range of a constant tensor holds it`, () => {
    const [lo, hi] = method.range(sketchOf([tensor('a', [0.75, 0.75])]).get('a')!);
    assert.ok(lo <= 0.75 && hi >= 0.75);
  });
}
