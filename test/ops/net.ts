// Small networks for tests: random weights from a seed, names from the caller.
import { digestOf, type Digest } from '../../src/base/digest.ts';
import type { DType } from '../../src/base/dtype.ts';
import { elements } from '../../src/base/dtype.ts';
import type { Attribute, Graph, Node, TensorType, Weight } from '../../src/graph/graph.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { bytesOfNumbers } from '../../src/graph/numbers.ts';
import { opOf } from '../../src/ops/index.ts';

export type Draw = () => number;

/** Named in the titles of random tests; SEED= sets it, a soak draws a new one each time. */
export const soak = process.env['SOAK'] === '1';
export const seed = Number(process.env['SEED'] ?? (soak ? Math.floor(Math.random() * 1e9) : 1));

/** mulberry32: numbers in [0, 1). */
export function drawFrom(start: number): Draw {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from lo to hi, both included. */
export function pick(draw: Draw, lo: number, hi: number): number {
  return lo + Math.floor(draw() * (hi - lo + 1));
}

export class Net {
  readonly draw: Draw;
  readonly store = new Map<Digest, Uint8Array>();
  readonly nodes: Node[] = [];
  readonly inputs: string[] = [];
  readonly types: Record<string, TensorType> = {};
  readonly weights: Record<string, Weight> = {};

  constructor(start = 1) {
    this.draw = drawFrom(start);
  }

  readonly keep = (bytes: Uint8Array): Digest => {
    const digest = digestOf(bytes);
    this.store.set(digest, bytes);
    return digest;
  };

  readonly blobs = (digest: Digest): Uint8Array => {
    const bytes = this.store.get(digest);
    if (bytes === undefined) throw new Error(`no blob ${digest}`);
    return bytes;
  };

  input(name: string, shape: readonly number[], dtype: DType = 'FP32'): string {
    this.inputs.push(name);
    this.types[name] = { dtype, shape };
    return name;
  }

  /** Random numbers around 0, or the ones given. */
  weight(name: string, shape: readonly number[], numbers?: readonly number[], dtype: DType = 'FP32'): string {
    const values = numbers ?? Array.from({ length: elements(shape) }, () => this.draw() * 2 - 1);
    this.weights[name] = { dtype, shape, digest: this.keep(bytesOfNumbers(values, dtype)) };
    return name;
  }

  list(name: string, numbers: readonly number[]): string {
    return this.weight(name, [numbers.length], numbers, 'S64');
  }

  /** Its one output is called `name` as well. */
  node(name: string, op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.nodes.push({ name, op, domain: '', inputs, outputs: [name], attributes }), name;
  }

  nodeWith(name: string, op: string, { inputs, outputs, attributes = {} }: { inputs: readonly string[]; outputs: readonly string[]; attributes?: Readonly<Record<string, Attribute>> }): void {
    this.nodes.push({ name, op, domain: '', inputs, outputs, attributes });
  }

  /** Typed. */
  graph(...outputs: string[]): Graph {
    const { nodes, inputs, types, weights } = this;
    return inferTypes({ name: 'net', nodes: [...nodes], inputs: [...inputs], outputs, weights: { ...weights }, types: { ...types } }, this.blobs, opOf);
  }
}
