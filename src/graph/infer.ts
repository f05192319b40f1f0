// Shape inference: drives the answers of single operators over a graph. Shapes often hang on small constants that the model computes
// itself (Shape -> Slice -> Concat -> Reshape), so the values of small tensors are followed as well (graph/values.ts).
import { elements } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import type { Blobs, Graph, Node, TensorType, Weight } from './graph.ts';
import { numbersOf } from './numbers.ts';
import { isTensor } from './record.ts';
import { evaluate, valuesMax, type Values } from './values.ts';

/** What an operator may look at (ops/op.ts calls it NodeView). */
export interface InferView {
  readonly node: Node;
  readonly inputs: readonly (TensorType | undefined)[];
  constant(i: number): readonly number[] | undefined;
  /** Whether constant(i) would give numbers, without decoding them. */
  isConstant(i: number): boolean;
}

export interface Inferable {
  infer(view: InferView): readonly TensorType[];
}

/** The operator of a node, or undefined when nobody knows its shapes. */
export type OpOf = (type: string, domain: string) => Inferable | undefined;

/**
 * The graph with a type for every tensor. Throws a Fault that lists the nodes whose operators have no inference, and whatever fault an
 * operator raises.
 */
export function inferTypes(graph: Graph, blobs: Blobs, opOf: OpOf): Graph {
  const unknown = graph.nodes.filter((node) => opOf(node.op, node.domain) === undefined);
  if (unknown.length > 0) {
    throw new Fault({
      what: 'axbuild does not know the shapes that these operators give',
      facts: [...new Set(unknown.map((node) => node.op))].map((op) => [op, sample(unknown.filter((node) => node.op === op))] as const),
    });
  }
  const inference = startInference({ weights: graph.weights, types: pick(graph.types, graph.inputs), blobs, opOf });
  for (const node of graph.nodes) inference.add(node);
  return { ...graph, types: { ...inference.types } };
}

/** Values of the tensors that can be computed from constants and shapes alone, by name; weights are not among them. */
export function inferValues(graph: Graph, blobs: Blobs, opOf: OpOf): ReadonlyMap<string, Values> {
  const inference = startInference({ weights: graph.weights, types: pick(graph.types, graph.inputs), blobs, opOf });
  for (const node of graph.nodes) inference.add(node);
  return inference.computed;
}

export interface Inference {
  /** Types of all tensors that are no weights, as far as known. */
  readonly types: Readonly<Record<string, TensorType>>;
  /** Values worked out so far. */
  readonly computed: ReadonlyMap<string, Values>;
  /** Notes the types of a node's outputs, if its operator and all its inputs are known. Nodes come in topological order. */
  add(node: Node): void;
  typeOf(tensor: string): TensorType | undefined;
  numbers(tensor: string): readonly number[] | undefined;
}

export interface InferenceStart {
  /** May grow while nodes are added. */
  readonly weights: Readonly<Record<string, Weight>>;
  readonly types: Readonly<Record<string, TensorType>>;
  readonly blobs: Blobs;
  readonly opOf: OpOf;
}

/** Inference one node at a time, for readers that rewrite nodes as they go. */
export function startInference({ weights, types: known, blobs, opOf }: InferenceStart): Inference {
  const types: Record<string, TensorType> = { ...known };
  const computed = new Map<string, Values>();
  const read = new Map<string, readonly number[]>();

  const weightOf = (tensor: string): Weight | undefined => (Object.hasOwn(weights, tensor) ? weights[tensor] : undefined);
  const typeOf = (tensor: string): TensorType | undefined => weightOf(tensor) ?? (Object.hasOwn(types, tensor) ? types[tensor] : undefined);
  const numbers = (tensor: string): readonly number[] | undefined => {
    const weight = weightOf(tensor);
    if (weight === undefined) return computed.get(tensor)?.numbers;
    const cached = read.get(tensor);
    if (cached !== undefined) return cached;
    const decoded = numbersOf(blobs(weight.digest), weight.dtype);
    // Large weights are asked for once (a bias, a table): keeping their numbers would double the model in memory.
    if (decoded.length <= valuesMax) read.set(tensor, decoded);
    return decoded;
  };
  const valuesOf = (tensor: string): Values | undefined => {
    const type = typeOf(tensor);
    if (type === undefined || elements(type.shape) > valuesMax) return undefined;
    const list = numbers(tensor);
    return list === undefined ? undefined : { dtype: type.dtype, shape: type.shape, numbers: list };
  };

  return {
    types,
    computed,
    typeOf,
    numbers,
    add(node) {
      const op = opOf(node.op, node.domain);
      const inputs = node.inputs.map((tensor) => (tensor === '' ? undefined : typeOf(tensor)));
      if (op === undefined || node.inputs.some((tensor, i) => tensor !== '' && inputs[i] === undefined)) return;
      const inferred = op.infer({
        node,
        inputs,
        constant: (i) => numbers(node.inputs[i] ?? ''),
        isConstant: (i) => weightOf(node.inputs[i] ?? '') !== undefined || computed.has(node.inputs[i] ?? ''),
      });
      node.outputs.forEach((tensor, i) => {
        const type = inferred[i];
        if (tensor === '') return;
        if (type === undefined) throw new Fault({ what: `${node.op} "${node.name}" has an output that the operator does not give`, facts: [['output', `${i}: ${tensor}`], ['known', `${inferred.length}`]] });
        if (!type.shape.every((size) => Number.isSafeInteger(size) && size >= 0)) throw new Fault({ what: `${node.op} "${node.name}" gives an impossible shape`, facts: [['output', `${tensor} [${type.shape.join(', ')}]`]] });
        types[tensor] = { dtype: type.dtype, shape: type.shape };
      });
      const output = inferred[0];
      const first = node.outputs[0];
      if (output === undefined || first === undefined || first === '' || elements(output.shape) > valuesMax || node.outputs.length > 1) return;
      if (Object.values(node.attributes).some(isTensor)) return;
      const values = evaluate({ node, output, inputs, values: node.inputs.map((tensor) => (tensor === '' ? undefined : valuesOf(tensor))) });
      if (values !== undefined) computed.set(first, { ...output, numbers: values });
    },
  };
}

function pick(types: Readonly<Record<string, TensorType>>, names: readonly string[]): Record<string, TensorType> {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(types, name) ? [[name, types[name]!] as const] : [])));
}

function sample(nodes: readonly Node[]): string {
  const shown = nodes.slice(0, 3).map((node) => node.name);
  return shown.join(', ') + (nodes.length > shown.length ? ` and ${nodes.length - shown.length} more` : '');
}
