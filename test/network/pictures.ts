// Pictures that no calibration has seen, as the two networks take them: pixels for the compiled model, floats for the original one.
import { renderLine } from '../../examples/line.ts';
import { renderScene } from '../../examples/scene.ts';
import { imageTensor } from '../../src/dataset/image.ts';
import { random } from '../rig/random.ts';
import type { ModelName } from './networks.ts';

export interface Picture {
  /** [height, width, 3], B G R: the compiled model's input. */
  readonly pixels: Uint8Array;
  /** [1, 3, height, width], normalised: the original model's. */
  readonly floats: Float32Array;
  readonly height: number;
  readonly width: number;
  /** What the line's writer knows: '0' upright, '180' upside down. */
  readonly label?: '0' | '180';
}

/** PaddleOCR's preprocessing, written again here: (x / 255 - mean) / std, in the order of the channels, which are B G R. */
const preprocessing: Readonly<Record<ModelName, { mean: readonly number[]; std: readonly number[] }>> = {
  cls: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  det: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};
const sizes = { cls: [48, 192], det: [320, 320] } as const;

/** Calibration takes the seeds from 0 on; those from here on are for tests. */
export const firstSeed = 1000;

export async function pictureOf(name: ModelName, seed: number, [height, width]: readonly [number, number] = sizes[name]): Promise<Picture> {
  const { png, ...rest } = name === 'cls' ? await renderLine(seed) : await renderScene(seed);
  const pixels = await imageTensor({ bytes: png, name: `seed ${seed}`, size: { height, width, channels: 3 }, order: 'BGR' });
  return { pixels, floats: floatsOf(name, pixels), height, width, ...('label' in rest && { label: rest.label }) };
}

/** Every pixel at random: a picture that drives a network to its bounds. */
export function noiseOf(name: ModelName, seed: number, [height, width]: readonly [number, number] = sizes[name]): Picture {
  const rand = random(seed);
  const pixels = Uint8Array.from({ length: height * width * 3 }, () => Math.floor(rand() * 256));
  return { pixels, floats: floatsOf(name, pixels), height, width };
}

function floatsOf(name: ModelName, pixels: Uint8Array): Float32Array {
  const { mean, std } = preprocessing[name];
  const count = pixels.length / 3;
  const floats = new Float32Array(pixels.length);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < count; i++) floats[c * count + i] = (pixels[3 * i + c]! / 255 - mean[c]!) / std[c]!;
  }
  return floats;
}

/** The pixels as the quantize group's definition takes them: in logical order, channels first. */
export function logicalPixels({ pixels, height, width }: Picture): { shape: number[]; data: Uint8Array } {
  const count = height * width;
  const data = new Uint8Array(pixels.length);
  for (let c = 0; c < 3; c++) for (let i = 0; i < count; i++) data[c * count + i] = pixels[3 * i + c]!;
  return { shape: [1, 3, height, width], data };
}
