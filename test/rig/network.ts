// A small network with everything that makes rebuilding interesting: a residual, an aligned Concat whose inputs come from different units,
// two convolutions that share their weights, and a middle range, so that it falls into at least three units.
//
//   x ── stem(conv+relu) ─┬─ branch(conv) ── join(add) ─┬─ left(conv, W) ───┐
//                         └────────────────────┘        ├─ right(conv, W) ──┤ concat ── head(conv + hard-swish) ── pool ── scores(conv) ── y
//                                                       └───────────────────┘
import { bytesOf } from '../../src/base/bytes.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import type { Attribute, Graph, Node, Weight } from '../../src/graph/graph.ts';
import { writeOnnx } from '../../src/onnx/write.ts';
import { opOf } from '../../src/ops/index.ts';
import { random, type Random } from './random.ts';

export interface NetworkOptions {
  /** Puts an operator in front of everything that the rest does not depend on. */
  readonly front?: boolean;
  /** Scales the weights of one convolution. */
  readonly scale?: { readonly node: string; readonly by: number };
  readonly seed?: number;
}

export const inputShape = [1, 3, 12, 12] as const;

/** Tensor names where the middle unit begins and ends. */
export const middle = { start: ['join'], end: ['left', 'right'] } as const;

export function smallNetwork(options: NetworkOptions = {}): Uint8Array {
  const rand = random(options.seed ?? 7);
  const nodes: Node[] = [];
  const weights: Record<string, Weight> = {};
  const kept = new Map<Digest, Uint8Array>();

  const weight = (name: string, shape: number[], data: Float32Array): string => {
    const bytes = bytesOf(data);
    const digest = digestOf(bytes);
    kept.set(digest, bytes);
    weights[name] = { dtype: 'FP32', shape, digest };
    return name;
  };
  const node = (op: string, name: string, inputs: string[], attributes: Record<string, Attribute> = {}): string => {
    nodes.push({ name: `${name}_node`, op, domain: '', inputs, outputs: [name], attributes });
    return name;
  };
  const kernels = new Map<string, Float32Array>();
  const conv = (name: string, input: string, [out, into, k]: readonly [number, number, number], shared = name): string => {
    const by = options.scale?.node === shared ? options.scale.by : 1;
    const data = kernels.get(shared) ?? normal(rand, out * into * k * k, Math.sqrt(2 / (into * k * k)));
    kernels.set(shared, data);
    const pad = k >> 1;
    return node('Conv', name, [input, weight(`${shared}.w`, [out, into, k, k], data.map((value) => value * by)), weight(`${name}.b`, [out], normal(rand, out, 0.1))], {
      kernel_shape: [k, k], pads: [pad, pad, pad, pad], strides: [1, 1], dilations: [1, 1], group: 1,
    });
  };

  const front = options.front === true ? [node('Relu', 'front', ['x'])] : [];
  const stem = node('Relu', 'stem', [conv('stem_conv', 'x', [8, 3, 3])]);
  const join = node('Add', 'join', [stem, conv('branch', stem, [8, 8, 3])]);
  const left = conv('left', join, [8, 8, 3], 'shared');
  const right = conv('right', left, [8, 8, 3], 'shared');
  const concat = node('Concat', 'concat', [join, left, right], { axis: 1 });
  const head = node('HardSwish', 'head', [conv('head_conv', concat, [16, 24, 1])]);
  const pool = node('GlobalAveragePool', 'pool', [head]);
  const y = conv('y', pool, [4, 16, 1]);

  const bare: Graph = { name: 'small', nodes, inputs: ['x'], outputs: [y, ...front], weights, types: { x: { dtype: 'FP32', shape: inputShape } } };
  const blobs = (digest: Digest): Uint8Array => kept.get(digest)!;
  return writeOnnx(inferTypes(bare, blobs, (type, domain) => opOf(type, domain)), blobs);
}

/** Calibration image i: FP32 in [-1, 1]; from 100 on in [-3, 3], outside of what the others cover. */
export function smallImage(i: number): Float32Array {
  const rand = random(1000 + i);
  return Float32Array.from({ length: inputShape.reduce<number>((a, b) => a * b, 1) }, () => Math.fround((i < 100 ? 1 : 3) * (2 * rand() - 1)));
}

function normal(rand: Random, count: number, sigma: number): Float32Array {
  // Sum of four uniforms: near enough to a bell, and the same on every machine.
  return Float32Array.from({ length: count }, () => Math.fround((rand() + rand() + rand() + rand() - 2) * 1.7 * sigma));
}
