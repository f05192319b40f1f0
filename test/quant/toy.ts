// A float network from a few lines of text, with a small table of operators: enough for everything the quantiser decides.
//
//   input x 1x3x8x8          a runtime input
//   weight w 4x3x3x3         a constant; its bytes follow from its name
//   conv1: y = Conv(x, w) 1x4x8x8      name: outputs = op(inputs) shape of the outputs
//   output y
import { bytesOf } from '../../src/base/bytes.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { elements } from '../../src/base/dtype.ts';
import type { Graph, Keep, Node, TensorType, Weight } from '../../src/graph/graph.ts';
import type { Draft, NodeView, Op } from '../../src/ops/op.ts';
import { fuse, type FuseOptions } from '../../src/quant/fuse.ts';
import type { FusedNetwork } from '../../src/quant/network.ts';
import type { Sketch } from '../../src/quant/sketch.ts';

export interface Toy {
  readonly graph: Graph;
  readonly blobs: (digest: Digest) => Uint8Array;
  readonly keep: Keep;
  fuse(options?: Partial<FuseOptions>): FusedNetwork;
}

export function toy(text: string): Toy {
  const blobs = new Map<Digest, Uint8Array>();
  const keep: Keep = (bytes) => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return digest;
  };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: Node[] = [];
  const weights: Record<string, Weight> = {};
  const types: Record<string, TensorType> = {};
  for (const line of text.split('\n').map((one) => one.trim()).filter((one) => one !== '')) {
    const words = line.split(/\s+/);
    const shape = (words.at(-1) ?? '').split('x').map(Number);
    if (words[0] === 'input') {
      inputs.push(words[1]!);
      types[words[1]!] = { dtype: 'FP32', shape };
    } else if (words[0] === 'output') {
      outputs.push(...words.slice(1));
    } else if (words[0] === 'weight') {
      weights[words[1]!] = { dtype: 'FP32', shape, digest: keep(bytesOf(weightNumbers(words[1]!, elements(shape)))) };
    } else {
      const [, name, made, op, read] = /^(\S+): (.*) = (\w+)\((.*)\)/.exec(line) ?? [];
      if (name === undefined) throw new Error(`no toy line: ${line}`);
      const list = (names: string): string[] => names.split(',').map((one) => one.trim());
      nodes.push({ name, op: op!, domain: '', inputs: list(read!), outputs: list(made!), attributes: {} });
      for (const tensor of list(made!)) types[tensor] = { dtype: 'FP32', shape };
    }
  }
  const graph: Graph = { name: 'toy', nodes, inputs, outputs, weights, types };
  const read = (digest: Digest): Uint8Array => blobs.get(digest)!;
  return { graph, blobs: read, keep, fuse: (options) => fuse(graph, { opOf, fusesChain, unsupported: [], inputs: [], blobs: read, ...options }) };
}

function weightNumbers(name: string, count: number): Float32Array {
  const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  return Float32Array.from({ length: count }, (_, i) => ((((i + 1) * (seed + 17)) % 211) - 105) / 64);
}

const chained: readonly string[] = ['conv', 'eltwise', 'unary', 'mean'];
export const fusesChain = (kind: string): boolean => chained.includes(kind);

const heads: Readonly<Record<string, (view: NodeView) => Draft | { readonly limit: string }>> = {
  Conv: ({ node }) => ({
    kind: 'conv', attributes: { kernel: [3, 3] }, activations: [0], weights: { weight: { input: 1, axis: 0 } }, ...(node.inputs.length > 2 && { floats: { bias: 2 } }),
  }),
  Gemm: () => ({ kind: 'conv', attributes: { kernel: [1, 1] }, activations: [0], weights: { weight: { input: 1, axis: 1, transpose: [1, 0], shape: [2, 8, 1, 1] } } }),
  MatMul: () => ({ kind: 'conv', attributes: { kernel: [1, 1] }, activations: [0], weights: { weight: { input: 1, axis: 1, transpose: [1, 0], shape: [2, 8, 1, 1] } }, takesBias: true }),
  Add: () => ({ kind: 'eltwise', attributes: { op: 'add' }, activations: [0, 1] }),
  Mul: () => ({ kind: 'eltwise', attributes: { op: 'mul' }, activations: [0, 1] }),
  Concat: ({ node }) => ({ kind: 'concat', attributes: { axis: 1 }, activations: node.inputs.map((_, i) => i), shares: true }),
  MaxPool: () => ({ kind: 'max_pool', attributes: { kernel: [2, 2] }, activations: [0], shares: true }),
  Reshape: () => ({ kind: 'move', attributes: { mode: 'reshape' }, activations: [0], shares: true }),
  GlobalAveragePool: () => ({ kind: 'mean', attributes: {}, activations: [0] }),
  Softmax: ({ node }) => ({ kind: 'softmax', attributes: { axis: 1 }, activations: [0], range: [0, 1], ...(node.inputs.length > 1 && {}) }),
  Resize: () => ({ limit: 'The factors of Resize are whole' }),
};
const functions: Readonly<Record<string, string>> = { Relu: 'relu', HardSwish: 'hard_swish', Sigmoid: 'sigmoid', HardSigmoid: 'hard_sigmoid', Sqrt: 'sqrt', Erf: 'erf' };

export function opOf(type: string): Op | undefined {
  const infer = (view: NodeView): readonly TensorType[] => view.inputs.slice(0, 1).map((input) => input!);
  const fn = functions[type];
  if (fn !== undefined) {
    const call = { fn, args: fn === 'hard_sigmoid' ? [1 / 6, 0.5] : [] };
    return { type, infer, unary: () => call, draft: () => ({ kind: 'unary', attributes: {}, activations: [0] }) };
  }
  const draft = heads[type];
  return draft === undefined ? { type, infer } : { type, infer, draft };
}

/** The network as text: one line a group in canonical order, then the edges that are more than codes. */
export function networkText({ groups, edges, inputs, outputs }: FusedNetwork): string {
  const rows = groups.map((group) => {
    const made = [group.nodes.join('+'), group.chain.map(({ fn }) => fn).join(' ')].filter((one) => one !== '').join(' ~ ');
    const constants = Object.entries({ ...group.weights, ...group.floats }).map(([role, name]) => `${role}=${name}`).join(' ');
    return [`${group.alias}  ${group.inputs.join(', ')} -> ${group.outputs.join(', ')}`, made, constants, group.limit].filter(Boolean).join('  | ');
  });
  const plain = edges.filter((edge) => edge.dtype !== undefined).map((edge) => `${edge.name}: ${edge.dtype} ${edge.shape.join('x')}${edge.layout === undefined ? '' : ` ${edge.layout}`}${edge.role === undefined ? '' : ` ${edge.role}`}`);
  return [...rows, ...plain, `${inputs.join(', ')} => ${outputs.join(', ')}`].join('\n');
}

/** A sketch in which every float tensor covers [-1, 1], except those given. */
export function sketchFor(graph: Graph, ranges: Readonly<Record<string, readonly [number, number]>> = {}): Sketch {
  return new Map(Object.keys(graph.types).map((name) => [name, { count: 8, min: ranges[name]?.[0] ?? -1, max: ranges[name]?.[1] ?? 1 }]));
}
