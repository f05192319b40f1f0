// A network that takes pictures, and pictures for it: what configurations written for the vendor's tool are mostly about.
import sharp from 'sharp';
import { bytesOf } from '../../src/base/bytes.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import type { Graph, Node, Weight } from '../../src/graph/graph.ts';
import { writeOnnx } from '../../src/onnx/write.ts';
import { opOf } from '../../src/ops/index.ts';
import { random } from '../rig/random.ts';
import { tarOf } from '../rig/tar.ts';

export const side = 16;

/**
 * Named after the network of the vendor's samples, so that their configurations fit:
 *
 *   input [1,3,16,16] ── conv1 ── conv2_1 ── conv2_2 ─┬─ conv4_3 ── add ─┬─ conv6_4 ── sub ── output [1,8,8,8]
 *                                                     └──────────────────┘└───────────────┘
 */
export function imageNet(): Uint8Array {
  const rand = random(11);
  const kept = new Map<Digest, Uint8Array>();
  const weights: Record<string, Weight> = {};
  const nodes: Node[] = [];
  const weight = (name: string, shape: number[], by: number): string => {
    const bytes = bytesOf(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.fround(by * (2 * rand() - 1))));
    const digest = digestOf(bytes);
    kept.set(digest, bytes);
    weights[name] = { dtype: 'FP32', shape, digest };
    return name;
  };
  const node = (name: string, op: string, { inputs, output = name, attributes = {} }: { inputs: string[]; output?: string; attributes?: Node['attributes'] }): string => {
    nodes.push({ name, op, domain: '', inputs, outputs: [output], attributes });
    return output;
  };
  const conv = (name: string, input: string, { from = 8, stride = 1, output = name }: { from?: number; stride?: number; output?: string } = {}): string =>
    node(name, 'Conv', {
      inputs: [input, weight(`${name}.w`, [8, from, 3, 3], Math.sqrt(1 / from)), weight(`${name}.b`, [8], 0.1)], output,
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [stride, stride], dilations: [1, 1], group: 1 },
    });

  const first = conv('conv1', 'input', { from: 3, stride: 2 });
  const linear = conv('conv2_1', node('relu1', 'Relu', { inputs: [first] }), { output: 'conv2_1_linear_bn' });
  const dwise = node('relu2_2', 'Relu', { inputs: [conv('conv2_2', linear)], output: 'relu2_2_dwise' });
  const sum = node('add', 'Add', { inputs: [conv('conv4_3', dwise), dwise] });
  const output = node('sub', 'Sub', { inputs: [conv('conv6_4', sum), sum], output: 'output' });

  const bare: Graph = { name: 'pictures', nodes, inputs: ['input'], outputs: [output], weights, types: { input: { dtype: 'FP32', shape: [1, 3, side, side] } } };
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
