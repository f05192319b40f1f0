// A network quantised without tasks, its QDQ model as written and as our own reader has it, run by the integer definitions
// and by ONNX Runtime.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { textOf, viewAs } from '../../src/base/bytes.ts';
import type { Digest } from '../../src/base/digest.ts';
import type { Blobs, Graph } from '../../src/graph/graph.ts';
import { extract } from '../../src/graph/rewrite.ts';
import { openSession } from '../../src/onnx/float.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { externalData, writeOnnx } from '../../src/onnx/write.ts';
import type { Codes, GroupStructure, GroupValues, Params } from '../../src/ops/group.ts';
import { kindOf } from '../../src/ops/kinds/index.ts';
import { opOf } from '../../src/ops/index.ts';
import { qdqGraph } from '../../src/quant/export-qdq.ts';
import { fuse } from '../../src/quant/fuse.ts';
import type { InputForm, InputScaling } from '../../src/quant/inputs.ts';
import type { FusedGroup, FusedNetwork, ResolvedNetwork } from '../../src/quant/network.ts';
import type { LayerConfig } from '../../src/quant/precision.ts';
import { codedForms, readIndex, storedWeights, writeIndex } from '../../src/quant/qdq-weights.ts';
import { resolve } from '../../src/quant/resolve.ts';
import { mergeSketches, sketchOf } from '../../src/quant/sketch.ts';
import { quantiseWeight } from '../../src/quant/weights.ts';
import type { Draw, Net } from '../ops/net.ts';

export const file = 'weights.data';

export interface Group {
  readonly fused: FusedGroup;
  readonly structure: GroupStructure;
  readonly values: GroupValues;
  readonly params: Params;
}

export interface Quantised {
  readonly graph: Graph;
  readonly network: FusedNetwork;
  readonly resolved: ResolvedNetwork;
  /** NPU groups by name. */
  readonly groups: ReadonlyMap<string, Group>;
  readonly model: Uint8Array;
  readonly data: Uint8Array;
  /** The model as our own reader has it. */
  readonly qdq: Graph;
  readonly blobs: Blobs;
}

export interface How {
  readonly layers?: readonly LayerConfig[];
  /** Operator types that the target lacks. */
  readonly unsupported?: readonly string[];
  readonly forms?: readonly InputForm[];
  readonly scalings?: readonly InputScaling[];
}

export async function quantised(net: Net, outputs: readonly string[], { layers = [], unsupported = [], forms = [], scalings = [] }: How = {}): Promise<Quantised> {
  const graph = net.graph(...outputs);
  const { blobs, keep } = net;
  const fusesChain = (kind: string): boolean => kindOf(kind).fusesChain;
  const network = fuse(graph, { opOf, fusesChain, unsupported, inputs: forms, blobs });
  const passes = await Promise.all([1, 2, 3].map(async () => {
    const tensors = await floatTensors(graph, blobs, feedOf(graph, net.draw));
    return sketchOf(Object.entries(tensors).map(([name, data]) => ({ name, shape: graph.types[name]!.shape, data })));
  }));
  const { network: resolved } = resolve({ graph, network, sketch: mergeSketches(passes), method: 'MinMax', layerConfigs: layers, inputs: scalings, fusesChain, keep });

  const quantise = (request: Parameters<typeof quantiseWeight>[1] & { readonly float: Digest }) => quantiseWeight(blobs(request.float), request, { refineThreshold: 1e-6 });
  const fusedOf = new Map(network.groups.map((group) => [group.name, group]));
  const groups = new Map(resolved.groups.map((group): [string, Group] => {
    const [structure, values] = [JSON.parse(textOf(blobs(group.structure))) as GroupStructure, JSON.parse(textOf(blobs(group.values))) as GroupValues]; // resolve's records
    const weights = Object.fromEntries(group.weights.map((request) => [request.role, quantise(request)]));
    return [group.name, { fused: fusedOf.get(group.name)!, structure, values, params: kindOf(structure.kind).params(structure, values, weights, blobs) }];
  }));

  const forward = codedForms(network, resolved);
  const stored = storedWeights({ graph, network, forms: forward.map(({ form }) => form), codes: forward.map(({ request }) => quantise(request)), keep });
  const data = externalData({ ...graph, weights: stored.weights }, blobs);
  const index = readIndex(writeIndex(stored));
  const model = writeOnnx(qdqGraph({ graph, network, resolved, index, blobs, keep }), blobs, { external: file, outside: (name) => Object.hasOwn(stored.weights, name) });
  const qdq = readOnnx(model, { file: 'qdq.onnx', keep, externals: new Map([[file, data]]) });
  return { graph, network, resolved, groups, model, data, qdq, blobs };
}

/** Numbers in [-1, 1) for every input. */
export function feedOf(graph: Graph, draw: Draw): Record<string, Float32Array> {
  return Object.fromEntries(graph.inputs.map((name) => [name, Float32Array.from({ length: graph.types[name]!.shape.reduce((a, b) => a * b, 1) }, () => draw() * 2 - 1)]));
}

/** Every tensor of the float network. */
export async function floatTensors(graph: Graph, blobs: Blobs, feed: Readonly<Record<string, Float32Array>>): Promise<Record<string, Float32Array>> {
  const session = await openSession(graph, blobs, { outputs: graph.nodes.flatMap((node) => node.outputs) });
  const made = await session.run(Object.fromEntries(graph.inputs.map((name) => [name, { dtype: 'FP32', shape: graph.types[name]!.shape, data: feed[name]! }] as const)));
  await session.close();
  return { ...feed, ...Object.fromEntries(Object.entries(made).map(([name, { data }]) => [name, data as Float32Array])) };
}

/** The model as a user runs it: from its two files. Gives the outputs. */
export async function runQdq({ graph, model, data }: Quantised, feed: Readonly<Record<string, Float32Array>>, level: 'disabled' | 'all'): Promise<Record<string, Float32Array>> {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-qdq-'));
  try {
    writeFileSync(join(folder, 'qdq.onnx'), model);
    writeFileSync(join(folder, file), data);
    const session = await ort.InferenceSession.create(join(folder, 'qdq.onnx'), { graphOptimizationLevel: level, intraOpNumThreads: 1, logSeverityLevel: 3 });
    const results = await session.run(Object.fromEntries(graph.inputs.map((name) => [name, new ort.Tensor('float32', feed[name]!, [...graph.types[name]!.shape])])));
    await session.release();
    return Object.fromEntries(graph.outputs.map((name) => [name, results[name]!.data as Float32Array]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The integer definitions, group after group; CPU groups by ONNX Runtime on what the codes mean. Every edge. */
export async function runReference({ graph, network, resolved, groups, blobs }: Quantised, feed: Readonly<Record<string, Float32Array>>): Promise<ReadonlyMap<string, Codes>> {
  const edges = new Map<string, Codes>();
  const fusedEdges = new Map(network.edges.map((edge) => [edge.name, edge]));
  const resolvedEdges = new Map(resolved.edges.map((edge) => [edge.name, edge]));
  for (const name of network.inputs) {
    const { tensor, shape } = fusedEdges.get(name)!;
    edges.set(name, { shape, data: feed[tensor]! });
  }
  for (const group of network.groups) {
    const own = groups.get(group.name);
    if (own !== undefined) {
      edges.set(group.outputs[0]!, kindOf(own.structure.kind).integer(own.structure, own.params, group.inputs.map((name) => edges.get(name)!)));
      continue;
    }
    const outputs = [...new Set(group.outputs.map((name) => fusedEdges.get(name)!.tensor))];
    const session = await openSession(extract(graph, { name: 'cpu', nodes: new Set(group.nodes), outputs }), blobs);
    const floats = new Map(group.inputs.map((name) => [fusedEdges.get(name)!.tensor, realOf(edges.get(name)!, resolvedEdges.get(name)!.quant)]));
    const made = await session.run(Object.fromEntries(session.inputs.map((tensor) => [tensor, { dtype: 'FP32', shape: graph.types[tensor]!.shape, data: floats.get(tensor)! }] as const)));
    await session.close();
    for (const name of group.outputs) {
      const { tensor, shape } = fusedEdges.get(name)!;
      const { dtype, quant } = resolvedEdges.get(name)!;
      edges.set(name, quant === null ? { shape, data: made[tensor]!.data as Float32Array } : codesOf({ shape, data: made[tensor]!.data as Float32Array }, dtype === 'U16' ? 65535 : 255, quant));
    }
  }
  return edges;
}

function realOf({ data }: Codes, quant: { readonly scale: number; readonly zero: number } | null): Float32Array {
  return quant === null ? Float32Array.from(data) : Float32Array.from(data, (code) => Math.fround((code - quant.zero) * quant.scale));
}

function codesOf({ shape, data }: { shape: readonly number[]; data: Float32Array }, top: number, { scale, zero }: { readonly scale: number; readonly zero: number }): Codes {
  const codes = Array.from(data, (x) => {
    const down = Math.floor(Math.fround(x / scale));
    const rest = Math.fround(x / scale) - down;
    const even = rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
    return Math.min(Math.max(even + zero, 0), top);
  });
  return { shape, data: top === 255 ? Uint8Array.from(codes) : Uint16Array.from(codes) };
}

/** Numbers of a constant of the model. */
export function numbersOf({ qdq, blobs }: Quantised, name: string): number[] {
  const { dtype, digest } = qdq.weights[name]!;
  const kinds = { FP32: Float32Array, U8: Uint8Array, S8: Int8Array, U16: Uint16Array, S16: Int16Array, S32: Int32Array } as const;
  return Array.from<number>(viewAs(kinds[dtype as keyof typeof kinds] as typeof Float32Array, blobs(digest)));
}

/** Signal to noise in dB. */
export function ratio({ data }: Codes, other: Float32Array): number {
  let [signal, noise] = [0, 0];
  data.forEach((value, i) => {
    signal += value * value;
    noise += (value - other[i]!) ** 2;
  });
  return 10 * Math.log10(signal / noise);
}

export const nodeOf = ({ qdq }: Quantised, output: string) => qdq.nodes.find((node) => node.outputs.includes(output))!;
