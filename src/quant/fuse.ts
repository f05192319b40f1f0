// Which operators form one group: decided from the float graph alone, so that types and scales never move a boundary. A head starts a
// group, unary functions behind it join its chain; what the NPU can't do becomes a CPU group of its own. `connect` then names the edges.
import { Fault } from '../base/fault.ts';
import type { Blobs, Graph, Node } from '../graph/graph.ts';
import { functionOf } from '../ops/functions.ts';
import type { UnaryCall } from '../ops/group.ts';
import type { Draft, NodeView, Op } from '../ops/op.ts';
import { viewsOf } from '../ops/view.ts';
import { connect } from './connect.ts';
import { gatesOf, type Gate } from './gates.ts';
import type { InputForm } from './inputs.ts';
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
  readonly draft?: Draft;
  readonly limit?: string;
  readonly chain: UnaryCall[];
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
    const step = stepOf(graph, node, { gate: gates.get(node.name), call: callOf(node) });
    if (step !== undefined) {
      const before = tails.get(step.x);
      if (before?.draft !== undefined && options.fusesChain(before.draft.kind) && uses.get(step.x) === step.readings) {
        before.nodes.push(...step.nodes);
        before.chain.push(step.call);
        before.inner.push(...before.outputs, ...step.nodes.slice(0, -1).flatMap(outputsOf));
        before.outputs = outputsOf(node);
        before.outputs.forEach((tensor) => tails.set(tensor, before));
        return;
      }
    }
    const gate = gates.get(node.name);
    const cluster = gate !== undefined ? startGate(gate, position) : start({ graph, node, position, seen: view(node), op: opOf(node), call: callOf(node) });
    clusters.push(cluster);
    cluster.outputs.forEach((tensor) => tails.set(tensor, cluster));
  });
  return connect(graph, clusters, options.inputs);
}

/** A scalar function that may join the group before it. */
interface Step {
  readonly x: string;
  readonly call: UnaryCall;
  readonly nodes: readonly Node[];
  /** How often these nodes read x: whoever else does needs it as an edge. */
  readonly readings: number;
}

function stepOf(graph: Graph, node: Node, { gate, call }: { gate: Gate | undefined; call: UnaryCall | undefined }): Step | undefined {
  if (gate !== undefined) return { ...gate, readings: 2 };
  const [input, ...others] = activationsOf(graph, node);
  if (call === undefined || input === undefined || others.length > 0 || functionOf(call.fn).isSteep?.(call.args) === true) return undefined;
  return { x: node.inputs[input]!, call, nodes: [node], readings: 1 };
}

function startGate({ x, call, nodes }: Gate, position: number): Cluster {
  const product = nodes.at(-1)!;
  return {
    position, nodes: [...nodes], outputs: outputsOf(product), inner: nodes.slice(0, -1).flatMap(outputsOf),
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
}

function start({ graph, node, position, seen, op, call }: Head): Cluster {
  const draft = op?.draft?.(seen) ?? { limit: op === undefined ? `The target does not support ${node.op}` : `${node.op} has no integer form` };
  const limit = 'limit' in draft ? draft.limit : misfitOf(graph, node, draft);
  const base = { position, nodes: [node], outputs: outputsOf(node), inner: [] };
  if ('limit' in draft || limit !== undefined) {
    return { ...base, limit: limit!, chain: [], inputs: [...new Set(activationsOf(graph, node).map((i) => node.inputs[i]!))] };
  }
  return { ...base, draft, chain: call === undefined ? [] : [call], inputs: draft.activations.map((i) => node.inputs[i]!) };
}

/** A limit that every group has, whatever its operator says of itself; in the words of ops/limits: what must hold. */
function misfitOf(graph: Graph, node: Node, draft: Draft): string | undefined {
  const constant = draft.activations.find((i) => graph.types[node.inputs[i] ?? ''] === undefined);
  if (constant !== undefined) return `Input ${constant} of ${node.op} is no constant`;
  const roles = [...Object.values(draft.weights ?? {}).map(({ input }) => input), ...Object.values(draft.floats ?? {})];
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
