import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf } from '../../src/base/digest.ts';
import { renderLine } from '../../examples/line.ts';
import { makeTar } from '../../examples/make-data.ts';
import { renderScene } from '../../examples/scene.ts';
import { readArchive } from '../../src/dataset/archive.ts';
import { imageTensor } from '../../src/dataset/image.ts';

test('a seed gives the same picture, whatever was drawn before it', async () => {
  const first = await Promise.all([3, 40, 5].map(async (seed) => [digestOf((await renderLine(seed)).png), digestOf((await renderScene(seed)).png)]));
  for (const seed of [5, 40, 3]) {
    const again = [digestOf((await renderLine(seed)).png), digestOf((await renderScene(seed)).png)];
    assert.deepEqual(again, first[[3, 40, 5].indexOf(seed)]);
  }
  assert.equal(new Set(first.flat()).size, 6);
});

test('half of the lines stand upside down, and the label says which', async () => {
  const lines = await Promise.all([10, 11, 12, 13].map(renderLine));
  assert.deepEqual(lines.map(({ label }) => label), ['0', '180', '0', '180']);
});

test('pictures have ink: many values, and text somewhere', async () => {
  for (const { pixels } of await Promise.all([renderLine(0), renderLine(1), renderScene(0), renderScene(1)])) assert.ok(new Set(pixels).size >= 32);
  assert.ok((await renderScene(2)).texts.length >= 2);
});

test('an archive of pictures reads back as the pixels that were drawn', async () => {
  const { png, pixels } = await renderLine(7);
  const [entry] = await readArchive(await makeTar([['0000.png', png]]), 'lines.tar');
  const tensor = await imageTensor({ bytes: entry?.bytes ?? new Uint8Array(0), name: 'lines.tar: 0000.png', size: { height: 48, width: 192, channels: 3 }, order: 'RGB' });
  assert.deepEqual(tensor, pixels);
});
