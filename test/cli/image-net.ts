// A network that takes pictures, and pictures for it: what configurations written for the vendor's tool are mostly about.
import sharp from 'sharp';
import { bytesOf } from '../../src/base/bytes.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import type { Graph, Weight } from '../../src/graph/graph.ts';
import { writeOnnx } from '../../src/onnx/write.ts';
import { opOf } from '../../src/ops/index.ts';
import { random } from '../rig/random.ts';
import { tarOf } from '../rig/tar.ts';

export const side = 16;

/** input [1,3,16,16] -> conv 3x3, stride 2 -> relu -> output [1,8,8,8]. */
export function imageNet(): Uint8Array {
  const rand = random(11);
  const kept = new Map<Digest, Uint8Array>();
  const weight = (shape: number[]): Weight => {
    const bytes = bytesOf(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.fround(rand() - 0.5)));
    const digest = digestOf(bytes);
    kept.set(digest, bytes);
    return { dtype: 'FP32', shape, digest };
  };
  const bare: Graph = {
    name: 'pictures',
    nodes: [
      { name: 'conv', op: 'Conv', domain: '', inputs: ['input', 'w', 'b'], outputs: ['conv_out'], attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2], dilations: [1, 1], group: 1 } },
      { name: 'relu', op: 'Relu', domain: '', inputs: ['conv_out'], outputs: ['output'], attributes: {} },
    ],
    inputs: ['input'],
    outputs: ['output'],
    weights: { w: weight([8, 3, 3, 3]), b: weight([8]) },
    types: { input: { dtype: 'FP32', shape: [1, 3, side, side] } },
  };
  const blobs = (digest: Digest): Uint8Array => kept.get(digest)!;
  return writeOnnx(inferTypes(bare, blobs, (type, domain) => opOf(type, domain)), blobs);
}

/** Coloured noise, as RGB bytes in rows. */
export function pixels(seed: number): Uint8Array {
  const rand = random(seed);
  return Uint8Array.from({ length: side * side * 3 }, () => Math.floor(256 * rand()));
}

/** An archive of PNG files. */
export async function pictures(count: number): Promise<Uint8Array> {
  const files: [string, Uint8Array][] = [];
  for (let i = 0; i < count; i++) files.push([`${i}.png`, await sharp(pixels(i), { raw: { width: side, height: side, channels: 3 } }).png().toBuffer()]);
  return tarOf(files);
}
