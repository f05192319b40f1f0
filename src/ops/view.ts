// What an operator sees of its graph: a NodeView made from a graph's types, weights and blobs.
import { Fault } from '../base/fault.ts';
import type { Blobs, Graph, Node, TensorType, Weight } from '../graph/graph.ts';
import { numbersOf } from '../graph/numbers.ts';
import { printType } from '../graph/print.ts';
import { typeOf } from '../graph/rewrite.ts';
import type { NodeView } from './op.ts';

/** Views of the nodes of `graph`. Small constants are decoded once, when first asked for. */
export function viewsOf(graph: Graph, blobs: Blobs): (node: Node) => NodeView {
  const decoded = new Map<string, readonly number[]>();
  const numbers = (tensor: string): readonly number[] | undefined => {
    const weight = weightOf(graph, tensor);
    if (weight === undefined) return undefined;
    const known = decoded.get(tensor) ?? numbersOf(blobs(weight.digest), weight.dtype);
    // Scalars and axes are asked for again and again; the numbers of a large weight aren't worth their memory.
    if (known.length <= 1024) decoded.set(tensor, known);
    return known;
  };
  return (node) => ({
    node,
    inputs: node.inputs.map((tensor) => (tensor === '' ? undefined : typeOf(graph, tensor))),
    constant: (i) => numbers(node.inputs[i] ?? ''),
    isConstant: (i) => weightOf(graph, node.inputs[i] ?? '') !== undefined,
  });
}

function weightOf(graph: Graph, tensor: string): Weight | undefined {
  return Object.hasOwn(graph.weights, tensor) ? graph.weights[tensor] : undefined;
}

export function isConstant(view: NodeView, i: number): boolean {
  return view.isConstant?.(i) ?? view.constant(i) !== undefined;
}

/** Type of input i, which the operator requires. */
export function inputOf(view: NodeView, i: number): TensorType {
  const type = view.inputs[i];
  if (type === undefined) throw misfit(view, `input ${i} is missing`);
  return type;
}

/** The model contradicts itself at this node. */
export function misfit(view: NodeView, what: string): Fault {
  return new Fault({
    what: `${view.node.op} "${view.node.name}": ${what}`,
    facts: [['inputs', view.inputs.map((type) => (type === undefined ? '-' : printType(type))).join(', ')]],
  });
}
