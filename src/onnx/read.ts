// An ONNX file as a graph at canonicalOpset: weights as blobs, older operators upgraded, shapes of the runtime inputs fixed.
import type { Digest } from '../base/digest.ts';
import { Fault } from '../base/fault.ts';
import { canonicalOpset, type Blobs, type Graph, type Keep, type Node, type Weight } from '../graph/graph.ts';
import { inferTypes, startInference, type OpOf } from '../graph/infer.ts';
import { verify } from '../graph/verify.ts';
import { decodeModel, number, type Model, type onnx } from './codec.ts';
import { constantOf } from './constants.ts';
import { inputTypes } from './input-shapes.ts';
import { readNodes } from './nodes.ts';
import { opsets } from './operators.ts';
import { checkTensorName, readTensor, type TensorSource } from './tensors.ts';
import { upgradeNodes } from './upgrade-nodes.ts';

export interface ReadOptions {
  /** The file's name, for faults. */
  readonly file: string;
  /** Keeps the bytes of weights and of constants that upgrades make. */
  readonly keep: Keep;
  /** Bytes of external data files by location (externalFiles lists them). */
  readonly externals?: ReadonlyMap<string, Uint8Array>;
  /** "x:1x3x48x192;y:1x10" */
  readonly inputShapes?: string;
  /** Operators with shape inference. With it, every tensor of the graph gets a type; without, only the runtime inputs. */
  readonly opOf?: OpOf;
}

/** Throws a Fault on anything that is no model, or that a graph can't say. */
export function readOnnx(bytes: Uint8Array, { file, keep: keepOutside, externals, inputShapes = '', opOf }: ReadOptions): Graph {
  // Constants steer upgrades and inference, and a task can't read back what it has just kept.
  const kept = new Map<Digest, Uint8Array>();
  const keep: Keep = (tensor) => {
    const digest = keepOutside(tensor);
    kept.set(digest, tensor);
    return digest;
  };
  const blobs: Blobs = (digest) => kept.get(digest) ?? missingBlob(digest);

  const model = decodeModel(bytes, file);
  const opset = opsetOf(model, file);
  const source: TensorSource = { file, ...(externals === undefined ? {} : { externals }) };
  const weights = readWeights(model.graph, { source, keep });
  const runtime = model.graph.input.filter((input) => !Object.hasOwn(weights, input.name));
  const inputs = runtime.map((input) => input.name);
  checkInputs(inputs, file);
  const types = Object.fromEntries(inputTypes(runtime, inputShapes, file));

  const nodes: Node[] = [];
  for (const node of readNodes(model.graph, { source, keep, opset, defined: new Set([...inputs, ...Object.keys(weights)]) })) {
    const constant = constantOf(node, keep);
    if (constant === undefined) nodes.push(node);
    else weights[node.outputs[0]!] = constant;
  }
  const inference = startInference({ weights, types, blobs, opOf: opOf ?? (() => undefined) });
  const upgraded = upgradeNodes(nodes, { opset, file, weights, keep, inference });

  const outputs = model.graph.output.map((output) => output.name);
  const graph: Graph = { name: model.graph.name || 'main', nodes: upgraded, inputs, outputs, weights, types };
  checkOutputs(graph, file);
  verify(graph, `reading ${file}`, { blobs });
  return opOf === undefined ? graph : inferTypes(graph, blobs, opOf);
}

function missingBlob(digest: Digest): never {
  throw new Error(`BUG: blob ${digest} was never kept`);
}

/** The opset of ONNX's own domain. */
export function opsetOf(model: Model, file: string): number {
  const own = model.opsetImport.find((entry) => entry.domain === '' || entry.domain === 'ai.onnx');
  if (own === undefined) throw new Fault({ place: { file }, what: 'the model does not say which opset it uses', facts: [['try', 'export it again']] });
  const opset = number(own.version);
  if (opset < opsets.oldest || opset > opsets.newest) {
    const remedy = opset < opsets.oldest ? 'export it again with a newer opset' : `export it again with opset ${canonicalOpset}`;
    throw new Fault({ place: { file }, what: `the model uses opset ${opset}, which axbuild does not read`, facts: [['known', `${opsets.oldest} to ${opsets.newest}`], ['try', remedy]] });
  }
  return opset;
}

function readWeights(graph: onnx.GraphProto, { source, keep }: { source: TensorSource; keep: Keep }): Record<string, Weight> {
  if (graph.sparseInitializer.length > 0) throw new Fault({ place: { file: source.file }, what: 'the model has sparse weights, which axbuild does not read' });
  const weights: Record<string, Weight> = {};
  for (const tensor of graph.initializer) {
    checkTensorName(tensor.name, source.file);
    if (Object.hasOwn(weights, tensor.name)) throw new Fault({ place: { file: source.file }, what: `the model has two weights called "${tensor.name}"` });
    const { dtype, shape, bytes } = readTensor(tensor, tensor.name, source);
    weights[tensor.name] = { dtype, shape, digest: keep(bytes) };
  }
  return weights;
}

function checkInputs(inputs: readonly string[], file: string): void {
  for (const name of inputs) checkTensorName(name, file);
  const twice = inputs.find((name, i) => inputs.indexOf(name) !== i);
  if (twice !== undefined) throw new Fault({ place: { file }, what: `the model lists input "${twice}" twice` });
}

function checkOutputs(graph: Graph, file: string): void {
  const made = new Set([...graph.inputs, ...Object.keys(graph.weights), ...graph.nodes.flatMap((node) => node.outputs)]);
  const absent = graph.outputs.filter((tensor) => !made.has(tensor));
  if (absent.length > 0) throw new Fault({ place: { file }, what: 'the model names outputs that nothing makes', facts: [['outputs', absent.join(', ')]] });
  if (graph.outputs.length === 0) throw new Fault({ place: { file }, what: 'the model has no outputs' });
  const twice = graph.outputs.find((tensor, i) => graph.outputs.indexOf(tensor) !== i);
  if (twice !== undefined) throw new Fault({ place: { file }, what: `the model lists output "${twice}" twice` });
}
