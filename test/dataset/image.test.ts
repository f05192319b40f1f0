import assert from 'node:assert/strict';
import test from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { utf8 } from '../../src/base/bytes.ts';
import { Fault } from '../../src/base/fault.ts';
import { colourOrder, imageSize, imageTensor } from '../../src/dataset/image.ts';
import { normalisationFor, normalise } from '../../src/dataset/normalise.ts';
import { resizeBilinear } from '../../src/dataset/resize.ts';

const two = { height: 1, width: 2, channels: 3 };
const pixels = [10, 20, 30, 200, 100, 50];

function picture(values: readonly number[], { width, height, channels }: { width: number; height: number; channels: 1 | 3 | 4 }): Sharp {
  return sharp(Uint8Array.from(values), { raw: { width, height, channels } });
}

const rgb = (): Sharp => picture(pixels, { width: 2, height: 1, channels: 3 });

async function tensorOf(image: Sharp, order: 'RGB' | 'BGR' | 'GRAY' = 'RGB', size = two): Promise<number[]> {
  return [...await imageTensor({ bytes: new Uint8Array(await image.toBuffer()), name: 'd.tar: 1.png', size, order })];
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
  throw new Error('accepted');
}

test('an image comes in the colour order of the model', async () => {
  assert.deepEqual(await tensorOf(rgb().png()), pixels);
  assert.deepEqual(await tensorOf(rgb().png(), 'BGR'), [30, 20, 10, 50, 100, 200]);
  assert.deepEqual(await tensorOf(rgb().webp({ lossless: true })), pixels);
  assert.deepEqual(await tensorOf(rgb().tiff({ compression: 'lzw' })), pixels);
  assert.deepEqual(await tensorOf(rgb().png({ palette: true, colours: 8 })), pixels);
});

test('grey is weighed as OpenCV does, and a grey picture stays as it is', async () => {
  const gray = { ...two, channels: 1 };
  // 0.299 R + 0.587 G + 0.114 B: 18.15 and 124.2
  assert.deepEqual(await tensorOf(rgb().png(), 'GRAY', gray), [18, 124]);
  const grey = picture([7, 99], { width: 2, height: 1, channels: 1 }).toColourspace('b-w').png();
  assert.deepEqual(await tensorOf(grey, 'GRAY', gray), [7, 99]);
  assert.deepEqual(await tensorOf(grey, 'RGB'), [7, 7, 7, 99, 99, 99]);
});

test('an alpha channel is dropped, not blended', async () => {
  assert.deepEqual(await tensorOf(picture([10, 20, 30, 0, 200, 100, 50, 128], { width: 2, height: 1, channels: 4 }).png()), pixels);
});

test('16-bit pictures keep their upper byte', async () => {
  const deep = sharp(new Uint16Array([0x1234, 0x8001, 0xffff, 0x00ff, 0x0100, 0x7fff]), { raw: { width: 2, height: 1, channels: 3 } }).toColourspace('rgb16').png();
  assert.equal((await sharp(await deep.toBuffer()).metadata()).depth, 'ushort');
  assert.deepEqual(await tensorOf(deep), [0x12, 0x80, 0xff, 0x00, 0x01, 0x7f]);
});

test('EXIF orientation is applied before the size is looked at', async () => {
  assert.deepEqual(await tensorOf(rgb().withMetadata({ orientation: 3 }).png()), [200, 100, 50, 10, 20, 30]);
  assert.deepEqual(await tensorOf(rgb().withMetadata({ orientation: 6 }).png(), 'RGB', { height: 2, width: 1, channels: 3 }), pixels);
  assert.deepEqual(await tensorOf(rgb().withMetadata({ orientation: 8 }).png(), 'RGB', { height: 2, width: 1, channels: 3 }), [200, 100, 50, 10, 20, 30]);
});

test('a colour profile changes nothing', async () => {
  assert.deepEqual(await tensorOf(rgb().withIccProfile('p3', { attach: true }).png()), await tensorOf(picture([...await rgb().withIccProfile('p3', { attach: true }).raw().toBuffer()], { width: 2, height: 1, channels: 3 }).png()));
});

test('a file that is no image is refused by its name', async () => {
  const whole = new Uint8Array(await picture(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) % 251), { width: 64, height: 64, channels: 3 }).jpeg().toBuffer());
  const says = async (bytes: Uint8Array): Promise<string> => imageTensor({ bytes, name: 'd.tar: a/1.jpg', size: two, order: 'RGB' }).then(() => 'accepted', (error: unknown) => (error instanceof Fault ? error.message : String(error)));
  const remedy = '\n   try      JPEG, PNG, WebP, GIF or TIFF; for .npy files, calibration_format Numpy';
  assert.equal(await says(utf8('hello')), `d.tar: a/1.jpg: not an image that can be read\n   because  Input buffer contains unsupported image format${remedy}`);
  assert.equal(await says(whole.subarray(0, whole.length >> 1)), `d.tar: a/1.jpg: not an image that can be read\n   because  VipsJpeg: premature end of JPEG image${remedy}`);
  assert.equal(await says(new Uint8Array(0)), `d.tar: a/1.jpg: not an image that can be read\n   because  Input Bit Array is empty${remedy}`);
});

test('only inputs that look like one image take images', () => {
  const of = (shape: readonly number[], layout: 'NCHW' | 'NHWC' = 'NCHW'): unknown => imageSize(shape, { layout, tensor: 'x' });
  assert.deepEqual(of([1, 3, 48, 192]), { height: 48, width: 192, channels: 3 });
  assert.deepEqual(of([1, 48, 192, 1], 'NHWC'), { height: 48, width: 192, channels: 1 });
  assert.equal(refusal(() => of([1, 10])), 'input x takes no images: its shape is [1,10]\n   images  [1,channels,height,width]');
  assert.equal(refusal(() => of([2, 3, 8, 8])), 'input x takes 2 images at a time\n   built  batch 1\n   try    input_shapes');
  assert.equal(refusal(() => of([1, 8, 8, 3])), 'input x takes no images: it has 8 channels\n   images  3 (RGB, BGR) or 1 (GRAY)\n   shape   [1,8,8,3] as NCHW');
});

test('the first colour order that is configured counts, and it has to fit the channels', () => {
  assert.equal(colourOrder(['AutoColorSpace', 'BGR'], 3), 'BGR');
  assert.equal(colourOrder(['AutoColorSpace'], 3), 'RGB');
  assert.equal(colourOrder([], 1), 'GRAY');
  assert.equal(refusal(() => colourOrder(['BGR'], 1)), 'tensor_format BGR does not fit 1 channels\n   try  GRAY');
  assert.equal(refusal(() => colourOrder(['YUV420SP'], 3)), 'images can\'t be brought to YUV420SP\n   known  RGB, BGR, GRAY');
});

test('resizing takes from the four nearest pixels, by hand', () => {
  const row = { width: 2, height: 1, channels: 3, data: Uint8Array.from([0, 100, 200, 100, 100, 0]) };
  // Centres of 4 columns over 2: -0.25, 0.25, 0.75, 1.25; outside of the picture the edge repeats.
  assert.deepEqual([...resizeBilinear(row, { width: 4, height: 1 })], [0, 100, 200, 25, 100, 150, 75, 100, 50, 100, 100, 0]);
  const column = { width: 1, height: 4, channels: 3, data: Uint8Array.from([0, 0, 0, 10, 20, 30, 20, 40, 60, 90, 90, 90]) };
  assert.deepEqual([...resizeBilinear(column, { width: 1, height: 2 })], [5, 10, 15, 55, 65, 75]);
});

test('resizing is within one step of the formula in f64, and one size is left alone', () => {
  let state = Number(process.env['SEED'] ?? 5);
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
  const image = { width: 19, height: 13, channels: 3, data: Uint8Array.from({ length: 19 * 13 * 3 }, next) };
  assert.deepEqual(resizeBilinear(image, image), image.data);
  for (const [height, width] of [[7, 30], [40, 5], [13, 38], [1, 1]] as const) {
    const got = resizeBilinear(image, { height, width });
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) {
      const v = ((y + 0.5) * 13) / height - 0.5;
      const u = ((x + 0.5) * 19) / width - 0.5;
      const at = (row: number, column: number): number => image.data[(Math.min(Math.max(row, 0), 12) * 19 + Math.min(Math.max(column, 0), 18)) * 3 + c]!;
      const [t, l] = [Math.floor(v), Math.floor(u)];
      const exact = (at(t, l) * (1 - u + l) + at(t, l + 1) * (u - l)) * (1 - v + t) + (at(t + 1, l) * (1 - u + l) + at(t + 1, l + 1) * (u - l)) * (v - t);
      assert.ok(Math.abs(got[(y * width + x) * 3 + c]! - exact) < 1, `${height} x ${width} at ${y}, ${x}, ${c}`);
    }
  }
});

test('normalising works in f32 after every operation, per channel, into the model\'s layout', () => {
  const by = { mean: [123.675, 116.28, 3.3], std: [58.395, 57.12, 1.7] };
  const f = Math.fround;
  const size = { height: 1, width: 256, channels: 3 };
  const bytes = Uint8Array.from({ length: 3 * 256 }, (_, i) => Math.floor(i / 3)); // every code in every channel
  const expected = [...bytes].map((value, i) => f(f(value - f(by.mean[i % 3]!)) / f(by.std[i % 3]!)));
  assert.deepEqual([...normalise(bytes, { size, layout: 'NHWC', by })], expected);
  assert.deepEqual([...normalise(bytes, { size, layout: 'NCHW', by })], expected.map((_, i) => expected[(i % 256) * 3 + Math.floor(i / 256)]));
  assert.deepEqual([...normalise(bytes, { size, layout: 'NHWC', by: null })], [...bytes]);
});

test('mean and std need one number a channel; a list that is left out is neutral', () => {
  assert.equal(normalisationFor(3, { mean: [], std: [], where: 'x' }), null);
  assert.deepEqual(normalisationFor(3, { mean: [1, 2, 3], std: [], where: 'x' }), { mean: [1, 2, 3], std: [1, 1, 1] });
  assert.equal(refusal(() => normalisationFor(1, { mean: [1, 2, 3], std: [], where: 'quant.input_configs[0].calibration_' })), 'quant.input_configs[0].calibration_mean  3 numbers for 1 channels\n   given  [1, 2, 3]');
});
