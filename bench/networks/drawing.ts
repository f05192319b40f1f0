// Draws a network node by node, as PyTorch's exporter would write it: BatchNormalization already folded into its convolution, constants as
// weights. Weights are random with a seed: they don't matter to what is measured here.
import { bytesOf } from '../../src/base/bytes.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import type { Attribute, Graph, Node, Weight } from '../../src/graph/graph.ts';
import { inferTypes, startInference } from '../../src/graph/infer.ts';
import { bytesOfNumbers } from '../../src/graph/numbers.ts';
import { writeOnnx } from '../../src/onnx/write.ts';
import { opOf } from '../../src/ops/index.ts';
import { random, type Random } from '../../test/rig/random.ts';

export interface Drawn {
  readonly onnx: Uint8Array;
  readonly inputShape: number[];
}

export interface Window {
  readonly k?: number | readonly [number, number];
  readonly stride?: number;
  /** Half the kernel where it is left out. */
  readonly pad?: number | readonly [number, number];
  readonly group?: number;
}

export interface Pool {
  readonly k: number;
  readonly stride: number;
  readonly pad?: number;
  readonly ceil?: boolean;
}

const pair = (value: number | readonly [number, number]): readonly [number, number] => (typeof value === 'number' ? [value, value] : value);

export class Drawing {
  readonly #name: string;
  readonly #inputShape: readonly number[];
  readonly #nodes: Node[] = [];
  readonly #weights: Record<string, Weight> = {};
  readonly #kept = new Map<Digest, Uint8Array>();
  readonly #blobs = (digest: Digest): Uint8Array => this.#kept.get(digest)!;
  readonly #random: Random;
  readonly #inference;

  constructor(name: string, inputShape: readonly number[]) {
    this.#name = name;
    this.#inputShape = inputShape;
    this.#random = random(1);
    this.#inference = startInference({ weights: this.#weights, types: { x: { dtype: 'FP32', shape: inputShape } }, blobs: this.#blobs, opOf: (type, domain) => opOf(type, domain) });
  }

  /** The network's input. */
  readonly input = 'x';

  shape(tensor: string): readonly number[] {
    const type = this.#inference.typeOf(tensor);
    if (type === undefined) throw new Error(`BUG: nobody has drawn "${tensor}"`);
    return type.shape;
  }

  channels(tensor: string): number {
    return this.shape(tensor)[1]!;
  }

  /** Any node of one output. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.nodes(op, inputs, { attributes, count: 1 })[0]!;
  }

  nodes(op: string, inputs: readonly string[], { attributes = {}, count }: { readonly attributes?: Readonly<Record<string, Attribute>>; readonly count: number }): string[] {
    const name = `/${op}_${this.#nodes.length}`;
    const outputs = Array.from({ length: count }, (_, i) => `${name}_output_${i}`);
    const node: Node = { name, op, domain: '', inputs, outputs, attributes };
    this.#nodes.push(node);
    this.#inference.add(node);
    return [...outputs];
  }

  /** Random numbers with this spread around `mean`. */
  weight(shape: readonly number[], spread: number, mean = 0): string {
    const size = shape.reduce((a, b) => a * b, 1);
    const rand = this.#random;
    const data = new Float32Array(size);
    for (let i = 0; i < size; i++) data[i] = mean + (2 * rand() - 1) * spread;
    return this.#keep('FP32', shape, bytesOf(data));
  }

  floats(numbers: readonly number[], shape: readonly number[] = []): string {
    return this.#keep('FP32', shape, bytesOfNumbers(numbers, 'FP32'));
  }

  /** A list of whole numbers; with `shape` [] a single one. */
  whole(numbers: readonly number[], shape: readonly number[] = [numbers.length]): string {
    return this.#keep('S64', shape, bytesOfNumbers(numbers, 'S64'));
  }

  conv(x: string, out: number, { k = 1, stride = 1, pad, group = 1 }: Window = {}): string {
    const [height, width] = pair(k);
    const [top, left] = pad === undefined ? [height >> 1, width >> 1] : pair(pad);
    const into = this.channels(x) / group;
    const weights = [this.weight([out, into, height, width], Math.sqrt(3 / (into * height * width))), this.weight([out], 0.1)];
    return this.node('Conv', [x, ...weights], { kernel_shape: [height, width], strides: [stride, stride], pads: [top, left, top, left], dilations: [1, 1], group });
  }

  depthwise(x: string, window: Omit<Window, 'group'>): string {
    return this.conv(x, this.channels(x), { ...window, group: this.channels(x) });
  }

  /** nn.Linear: Gemm of a matrix, MatMul and Add of anything else. */
  linear(x: string, out: number): string {
    const shape = this.shape(x);
    const into = shape.at(-1)!;
    const spread = Math.sqrt(3 / into);
    if (shape.length === 2) return this.node('Gemm', [x, this.weight([out, into], spread), this.weight([out], 0.1)], { alpha: 1, beta: 1, transB: 1 });
    return this.add(this.weight([out], 0.1), this.node('MatMul', [x, this.weight([into, out], spread)]));
  }

  relu(x: string): string {
    return this.node('Relu', [x]);
  }

  relu6(x: string): string {
    return this.node('Clip', [x, this.floats([0]), this.floats([6])]);
  }

  /** As it is spelled by exporters that have no operator for it. */
  silu(x: string): string {
    return this.mul(x, this.node('Sigmoid', [x]));
  }

  hardSwish(x: string): string {
    return this.node('HardSwish', [x]);
  }

  hardSigmoid(x: string): string {
    return this.node('HardSigmoid', [x], { alpha: 1 / 6, beta: 0.5 });
  }

  add(a: string, b: string): string {
    return this.node('Add', [a, b]);
  }

  mul(a: string, b: string): string {
    return this.node('Mul', [a, b]);
  }

  concat(inputs: readonly string[], axis = 1): string {
    return this.node('Concat', inputs, { axis });
  }

  split(x: string, parts: readonly number[], axis = 1): string[] {
    return this.nodes('Split', [x, this.whole(parts)], { attributes: { axis }, count: parts.length });
  }

  maxPool(x: string, { k, stride, pad = 0, ceil = false }: Pool): string {
    return this.node('MaxPool', [x], { kernel_shape: [k, k], strides: [stride, stride], pads: [pad, pad, pad, pad], ceil_mode: Number(ceil) });
  }

  averagePool(x: string, { k, stride, pad = 0, ceil = false }: Pool): string {
    return this.node('AveragePool', [x], { kernel_shape: [k, k], strides: [stride, stride], pads: [pad, pad, pad, pad], ceil_mode: Number(ceil), count_include_pad: 1 });
  }

  globalAverage(x: string): string {
    return this.node('GlobalAveragePool', [x]);
  }

  flatten(x: string): string {
    return this.node('Flatten', [x], { axis: 1 });
  }

  reshape(x: string, shape: readonly number[]): string {
    return this.node('Reshape', [x, this.whole(shape)]);
  }

  transpose(x: string, perm: readonly number[]): string {
    return this.node('Transpose', [x], { perm });
  }

  /** nn.Upsample(scale_factor=2). */
  upsample(x: string): string {
    return this.node('Resize', [x, '', this.floats([1, 1, 2, 2], [4])], { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' });
  }

  /** Global average, Flatten and a fully connected layer: how classifiers end. */
  classifier(x: string, classes = 1000): Drawn {
    return this.finish([this.linear(this.flatten(this.globalAverage(x)), classes)]);
  }

  finish(outputs: readonly string[]): Drawn {
    const bare: Graph = {
      name: this.#name, nodes: this.#nodes, inputs: [this.input], outputs, weights: this.#weights,
      types: { [this.input]: { dtype: 'FP32', shape: this.#inputShape } },
    };
    return { onnx: writeOnnx(inferTypes(bare, this.#blobs, (type, domain) => opOf(type, domain)), this.#blobs), inputShape: [...this.#inputShape] };
  }

  #keep(dtype: Weight['dtype'], shape: readonly number[], bytes: Uint8Array): string {
    const digest = digestOf(bytes);
    this.#kept.set(digest, bytes);
    const name = `w${Object.keys(this.#weights).length}`;
    this.#weights[name] = { dtype, shape, digest };
    return name;
  }
}
