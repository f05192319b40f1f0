// Scalar functions that a model spells with a product of x and a function of x: x * sigmoid(x). No ONNX operator stands for these, so the
// float graph keeps their nodes, and fusion takes them as one function.
import type { Graph, Node } from '../graph/graph.ts';
import { producersOf } from '../graph/rewrite.ts';
import type { UnaryCall } from '../ops/group.ts';

export interface Gate {
  /** The tensor it is a function of; the first of the nodes and the product read it. */
  readonly x: string;
  readonly call: UnaryCall;
  /** In order; the product comes last. Nothing else reads what the others make. */
  readonly nodes: readonly Node[];
}

export interface GateSearch {
  /** The scalar function of a node, if it is one that the target runs. */
  readonly callOf: (node: Node) => UnaryCall | undefined;
  readonly isProduct: (node: Node) => boolean;
  /** How often each tensor is read. */
  readonly uses: ReadonlyMap<string, number>;
}

/** By the name of the product. */
export function gatesOf(graph: Graph, search: GateSearch): ReadonlyMap<string, Gate> {
  const producers = producersOf(graph);
  const found = new Map<string, Gate>();
  for (const node of graph.nodes) {
    if (node.inputs.length !== 2 || node.inputs[0] === node.inputs[1] || !search.isProduct(node)) continue;
    const gate = [0, 1].map((side) => gateOf(node, { x: node.inputs[1 - side]!, factor: node.inputs[side]! }, { ...search, graph, producers })).find((one) => one !== undefined);
    if (gate !== undefined) found.set(node.name, gate);
  }
  return found;
}

interface Around extends GateSearch {
  readonly graph: Graph;
  readonly producers: ReadonlyMap<string, Node>;
}

/** x * sigmoid(x), or with a factor: x * sigmoid(alpha * x). */
function gateOf(product: Node, { x, factor }: { x: string; factor: string }, around: Around): Gate | undefined {
  const sigmoid = maker(factor, around);
  if (sigmoid === undefined || around.callOf(sigmoid)?.fn !== 'sigmoid') return undefined;
  if (sigmoid.inputs[0] === x) return { x, call: { fn: 'silu', args: [] }, nodes: [sigmoid, product] };
  const scale = maker(sigmoid.inputs[0]!, around);
  const call = scale === undefined ? undefined : around.callOf(scale);
  if (call?.fn !== 'affine' || call.args[1] !== 0 || !scale!.inputs.includes(x)) return undefined;
  return { x, call: { fn: 'quick_gelu', args: [call.args[0]!] }, nodes: [scale!, sigmoid, product] };
}

/** The node that makes a tensor which one node alone reads, once. */
function maker(tensor: string, { producers, uses, graph }: Around): Node | undefined {
  return uses.get(tensor) === 1 && !graph.outputs.includes(tensor) ? producers.get(tensor) : undefined;
}
