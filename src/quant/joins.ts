// How a node joins the group of the node before it: as a function of its chain, or as its bias.
import type { Graph, Node } from '../graph/graph.ts';
import { functionOf } from '../ops/functions.ts';
import type { UnaryCall } from '../ops/group.ts';
import type { Op } from '../ops/op.ts';
import type { Cluster } from './fuse.ts';
import type { Gate } from './gates.ts';

export interface Join {
  /** The tensor between. */
  readonly x: string;
  /** How often these nodes read it: whoever else does needs it as an edge. */
  readonly readings: number;
  readonly nodes: readonly Node[];
  /** Takes the nodes' meaning into the group, if it can have it. */
  take(before: Cluster, fusesChain: (kind: string) => boolean): boolean;
}

export interface Joining {
  readonly graph: Graph;
  readonly node: Node;
  /** The function that ends in this node, where it is spelled in several. */
  readonly gate: Gate | undefined;
  /** The scalar function that it is. */
  readonly call: UnaryCall | undefined;
  /** Absent where the target lacks it. */
  readonly op: Op | undefined;
}

export function joinOf(joining: Joining): Join | undefined {
  return asFunction(joining) ?? asBias(joining);
}

function asFunction({ graph, node, gate, call }: Joining): Join | undefined {
  const take = (added: UnaryCall): Join['take'] => (before, fusesChain) => {
    if (before.draft === undefined || !fusesChain(before.draft.kind)) return false;
    before.chain.push(added);
    return true;
  };
  if (gate !== undefined) return { x: gate.x, readings: 2, nodes: gate.nodes, take: take(gate.call) };
  const [x, ...others] = activationsOf(graph, node);
  if (call === undefined || x === undefined || others.length > 0 || functionOf(call.fn).isSteep?.(call.args) === true) return undefined;
  return { x, readings: 1, nodes: [node], take: take(call) };
}

/** An Add of one constant a column, right behind a matrix product. */
function asBias({ graph, node, op }: Joining): Join | undefined {
  const [x, ...others] = activationsOf(graph, node);
  if (op === undefined || node.op !== 'Add' || node.domain !== '' || x === undefined || others.length > 0) return undefined;
  const row = node.inputs.find((tensor) => tensor !== x);
  const weight = row === undefined ? undefined : graph.weights[row];
  const columns = graph.types[x]!.shape.at(-1);
  if (row === undefined || weight?.dtype !== 'FP32' || weight.shape.at(-1) !== columns || weight.shape.some((size, i) => i < weight.shape.length - 1 && size !== 1)) return undefined;
  // More axes than the product has would make it larger.
  if (weight.shape.length > graph.types[x]!.shape.length) return undefined;
  return {
    x, readings: 1, nodes: [node],
    take(before) {
      if (before.draft?.takesBias !== true || before.chain.length > 0 || before.floats['bias'] !== undefined) return false;
      before.floats = { ...before.floats, bias: row };
      return true;
    },
  };
}

/** Inputs that are no constants and not left out. */
function activationsOf(graph: Graph, node: Node): readonly string[] {
  return node.inputs.filter((tensor) => tensor !== '' && graph.weights[tensor] === undefined);
}
