// Which operators form one group: decided from the float graph alone, so that types and scales never move a boundary. A head starts a
// group, unary functions behind it join its chain; what the NPU can't do becomes a CPU group of its own. `connect` then names the edges.
import { Fault } from '../base/fault.ts';
import type { Blobs, Graph, Node } from '../graph/graph.ts';
import type { UnaryCall } from '../ops/group.ts';
import type { Draft, NodeView, Op } from '../ops/op.ts';
import { viewsOf } from '../ops/view.ts';
import { connect } from './connect.ts';
import { constantsOf, type Constant } from './constants.ts';
import { gatesOf, type Gate } from './gates.ts';
import type { InputForm } from './inputs.ts';
import { joinOf } from './joins.ts';
import type { FusedNetwork } from './network.ts';

export interface FuseOptions {
  readonly opOf: (type: string, domain: string) => Op | undefined;
  /** Whether a kind of group ends in an epilogue that takes unary functions. */
  readonly fusesChain: (kind: string) => boolean;
  /** ONNX operator types that the target lacks. */
  readonly unsupported: readonly string[];
  /** How runtime inputs arrive; an entry named DEFAULT stands for those not named; FP32 in the model's own layout otherwise. */
  readonly inputs: readonly InputForm[];
  readonly blobs: Blobs;
}

/** A group as fusion sees it: tensors of the float graph, no edges yet. */
export interface Cluster {
  /** Index of the head in the graph's nodes: gives the canonical order. */
  readonly position: number;
  readonly nodes: Node[];
  /** Absent: runs on the CPU, for the reason in `limit`. */
  draft?: Draft;
  readonly limit?: string;
  readonly chain: UnaryCall[];
  /** Float constants by role that a node behind the head brought along. */
  floats: Readonly<Record<string, string>>;
  /** Which inputs are constants of the model. */
  readonly constants: readonly Constant[];
  readonly inputs: readonly string[];
  /** What leaves it: the tail's outputs. */
  outputs: readonly string[];
  readonly inner: string[];
}

/** Groups of `graph` and the edges between them, in the graph's own order. Constants must have been folded. */
export function fuse(graph: Graph, options: FuseOptions): FusedNetwork {
  const view = viewsOf(graph, options.blobs);
  const uses = usesOf(graph);
  const tails = new Map<string, Cluster>();
  const clusters: Cluster[] = [];
  const opOf = (node: Node): Op | undefined => (options.unsupported.includes(node.op) && node.domain === '' ? undefined : options.opOf(node.op, node.domain));
  const callOf = (node: Node): UnaryCall | undefined => opOf(node)?.unary?.(view(node));
  const gates = gatesOf(graph, { callOf, isProduct: (node) => node.op === 'Mul' && opOf(node) !== undefined, uses });
  const gated = new Set([...gates.values()].flatMap(({ nodes }) => nodes.slice(0, -1).map((node) => node.name)));
  graph.nodes.forEach((node, position) => {
    if (gated.has(node.name)) return; // its product takes it along
    const call = callOf(node);
    const join = joinOf({ graph, node, gate: gates.get(node.name), call, op: opOf(node) });
    const before = join === undefined ? undefined : tails.get(join.x);
    if (join !== undefined && before !== undefined && uses.get(join.x) === join.readings && join.take(before, options.fusesChain)) {
      before.nodes.push(...join.nodes);
      before.inner.push(...before.outputs, ...join.nodes.slice(0, -1).flatMap(outputsOf));
      before.outputs = outputsOf(node);
      before.outputs.forEach((tensor) => tails.set(tensor, before));
      return;
    }
    const gate = gates.get(node.name);
    const cluster = gate !== undefined ? startGate(gate, position) : start({ graph, node, position, seen: view(node), op: opOf(node), call, blobs: options.blobs });
    clusters.push(cluster);
    cluster.outputs.forEach((tensor) => tails.set(tensor, cluster));
  });
  return connect(graph, clusters, options.inputs);
}

function startGate({ x, call, nodes }: Gate, position: number): Cluster {
  const product = nodes.at(-1)!;
  return {
    position, nodes: [...nodes], outputs: outputsOf(product), inner: nodes.slice(0, -1).flatMap(outputsOf), floats: {}, constants: [],
    draft: { kind: 'unary', attributes: {}, activations: [product.inputs.indexOf(x)] }, chain: [call], inputs: [x],
  };
}

interface Head {
  readonly graph: Graph;
  readonly node: Node;
  readonly position: number;
  readonly seen: NodeView;
  readonly op: Op | undefined;
  readonly call: UnaryCall | undefined;
  readonly blobs: Blobs;
}

function start({ graph, node, position, seen, op, call, blobs }: Head): Cluster {
  const draft = op?.draft?.(seen) ?? { limit: op === undefined ? `The target does not support ${node.op}` : `${node.op} has no integer form` };
  const limit = 'limit' in draft ? draft.limit : misfitOf(graph, node, draft);
  const base = { position, nodes: [node], outputs: outputsOf(node), inner: [], floats: {}, constants: [] };
  if ('limit' in draft || limit !== undefined) {
    return { ...base, limit: limit!, chain: [], inputs: [...new Set(activationsOf(graph, node).map((i) => node.inputs[i]!))] };
  }
  const inputs = draft.activations.map((i) => node.inputs[i]!);
  return { ...base, draft, chain: call === undefined ? [] : [call], inputs, constants: constantsOf(graph, inputs, blobs) };
}

/** A limit that every group has, whatever its operator says of itself; in the words of ops/limits: what must hold. */
function misfitOf(graph: Graph, node: Node, draft: Draft): string | undefined {
  const inputs = draft.activations.map((i) => node.inputs[i] ?? '');
  if (inputs.every((tensor) => graph.types[tensor] === undefined)) return `An input of ${node.op} is no constant`;
  const roles = [...draft.activations.filter((i) => graph.types[node.inputs[i] ?? ''] === undefined), ...Object.values(draft.weights ?? {}).map(({ input }) => input), ...Object.values(draft.floats ?? {})];
  const odd = roles.find((i) => graph.weights[node.inputs[i] ?? '']?.dtype !== 'FP32');
  if (odd !== undefined) return `Input ${odd} of ${node.op} is an FP32 constant`;
  if (outputsOf(node).length !== 1) return `${node.op} has one output`;
  return undefined;
}

/** Indices of the inputs that are no constants and not left out. */
function activationsOf(graph: Graph, node: Node): number[] {
  return node.inputs.flatMap((tensor, i) => (tensor === '' || graph.weights[tensor] !== undefined ? [] : [i]));
}

function outputsOf(node: Node): string[] {
  return node.outputs.filter((tensor) => tensor !== '');
}

/** How often each tensor is read; a network output counts as one reading more. */
function usesOf(graph: Graph): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const known = new Set([...graph.inputs, ...Object.keys(graph.weights)]);
  const use = (tensor: string): void => void uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  for (const node of graph.nodes) {
    for (const tensor of node.inputs) {
      if (tensor === '') continue;
      if (!known.has(tensor)) throw new Fault({ what: `node "${node.name}" reads "${tensor}" before anything computes it`, facts: [['try', 'the nodes of a graph must be in topological order']] });
      use(tensor);
    }
    node.outputs.forEach((tensor) => known.add(tensor));
  }
  graph.outputs.forEach(use);
  return uses;
}
