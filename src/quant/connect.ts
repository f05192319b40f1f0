// From clusters of float nodes to a network of named edges: codes between groups, plain numbers where the network meets the world and
// between CPU groups. A CPU group reads and writes codes beside an NPU group (its float model converts); a tensor that is needed in both
// forms has two edges.
//
//   x:raw ─quantize─▶ x ─conv─▶ y ─cpu─▶ z ─conv─▶ o:codes ─dequantize─▶ o
import { Fault } from '../base/fault.ts';
import type { Graph } from '../graph/graph.ts';
import { typeOf } from '../graph/rewrite.ts';
import { aliasOf } from './alias.ts';
import { constantGroup } from './constants.ts';
import type { Cluster } from './fuse.ts';
import { arrival, formOf, type InputForm } from './inputs.ts';
import type { FusedEdge, FusedGroup, FusedNetwork } from './network.ts';

/** A group and its place in the canonical order: the position of a node, then before it (-1), itself (0) or after it (1). */
interface Placed {
  readonly at: readonly [number, number];
  readonly group: Omit<FusedGroup, 'alias'>;
  readonly edges: readonly FusedEdge[];
}

export function connect(graph: Graph, clusters: readonly Cluster[], forms: readonly InputForm[]): FusedNetwork {
  const { byCpu, readByNpu, isPlain, firstReader } = surveyOf(graph, clusters);
  const codes = (tensor: string): FusedEdge => ({ name: isPlain(tensor) ? `${tensor}:codes` : tensor, tensor, shape: floatShape(graph, tensor) });
  const plain = (tensor: string): FusedEdge => ({
    name: tensor, tensor, shape: floatShape(graph, tensor), dtype: 'FP32', ...(graph.outputs.includes(tensor) && { role: 'output' as const }),
  });

  const raws = graph.inputs.map((tensor) => arrival({ tensor, shape: floatShape(graph, tensor) }, formOf(tensor, forms, graph.inputs)));
  const placed: Placed[] = [];
  for (const raw of raws) {
    const { tensor } = raw;
    const reader = firstReader.get(tensor) ?? Infinity;
    // An input that nothing reads stays an input, and nothing more.
    if (reader === Infinity && !graph.outputs.includes(tensor)) continue;
    placed.push(bridge({ kind: 'quantize', from: raw, to: codes(tensor), at: [reader, -1] }));
    if (graph.outputs.includes(tensor)) placed.push(bridge({ kind: 'dequantize', from: codes(tensor), to: plain(tensor), at: [reader, -1] }));
  }
  const known = new Set<string>();
  for (const cluster of clusters) {
    const { position, draft } = cluster;
    const inputs = cluster.inputs.map((tensor) => (draft === undefined && byCpu.has(tensor) ? plain(tensor) : codes(tensor)));
    const outputs = draft !== undefined
      ? cluster.outputs.map(codes)
      : cluster.outputs.flatMap((tensor) => [...(isPlain(tensor) ? [plain(tensor)] : []), ...(readByNpu.has(tensor) ? [codes(tensor)] : [])]);
    for (const constant of cluster.constants) {
      const edge = codes(constant.tensor);
      if (!known.has(edge.name)) placed.push({ at: [position, -1], group: constantGroup(constant, edge), edges: [edge] });
      known.add(edge.name);
    }
    placed.push({ at: [position, 0], group: groupOf(cluster, { inputs: inputs.map(nameOf), outputs: outputs.map(nameOf) }), edges: [...inputs, ...outputs] });
    for (const tensor of draft === undefined ? [] : cluster.outputs) {
      if (graph.outputs.includes(tensor)) placed.push(bridge({ kind: 'dequantize', from: codes(tensor), to: plain(tensor), at: [position, 1] }));
    }
  }
  // Stable: what shares a place keeps the order above.
  placed.sort((a, b) => (a.at[0] === b.at[0] ? a.at[1] - b.at[1] : a.at[0] - b.at[0]));

  const edges = new Map([...placed.flatMap((one) => one.edges), ...raws].map((edge) => [edge.name, edge]));
  for (const { name, tensor } of edges.values()) {
    if (name !== tensor && (graph.types[name] ?? graph.weights[name]) !== undefined) throw taken(name);
  }
  const groups = placed.map(({ group }, n): FusedGroup => ({ ...group, alias: aliasOf(n, group, graph) }));
  return { edges: [...edges.values()], groups, inputs: raws.map(nameOf), outputs: graph.outputs };
}

const nameOf = (edge: FusedEdge): string => edge.name;

/** Who writes and reads the tensors between clusters. */
function surveyOf(graph: Graph, clusters: readonly Cluster[]) {
  const byCpu = new Set<string>();
  const readByCpu = new Set<string>();
  const readByNpu = new Set<string>();
  const firstReader = new Map<string, number>();
  for (const { draft, inputs, outputs, position } of clusters) {
    if (draft === undefined) outputs.forEach((tensor) => byCpu.add(tensor));
    for (const tensor of inputs) {
      (draft === undefined ? readByCpu : readByNpu).add(tensor);
      firstReader.set(tensor, Math.min(position, firstReader.get(tensor) ?? Infinity));
    }
  }
  const isPlain = (tensor: string): boolean => graph.outputs.includes(tensor) || (byCpu.has(tensor) && readByCpu.has(tensor));
  return { byCpu, readByNpu, isPlain, firstReader };
}

function groupOf({ nodes, draft, limit, chain, inner, floats }: Cluster, ends: Pick<FusedGroup, 'inputs' | 'outputs'>): Omit<FusedGroup, 'alias'> {
  const head = nodes[0]!;
  const named = (roles: Readonly<Record<string, number>>): Record<string, string> =>
    Object.fromEntries(Object.entries(roles).map(([role, i]) => [role, head.inputs[i]!]));
  const weights = Object.fromEntries(Object.entries(draft?.weights ?? {}).map(([role, { input }]) => [role, input]));
  return {
    name: head.name,
    kind: draft?.kind ?? 'cpu',
    nodes: nodes.map((node) => node.name),
    inner,
    ...(draft !== undefined && { draft }),
    chain,
    ...ends,
    weights: named(weights),
    floats: { ...named(draft?.floats ?? {}), ...floats },
    ...(limit !== undefined && { limit }),
  };
}

function bridge({ kind, from, to, at }: { kind: string; from: FusedEdge; to: FusedEdge; at: Placed['at'] }): Placed {
  return {
    at,
    edges: [from, to],
    group: {
      name: `${from.tensor}:${kind}`, kind, nodes: [], inner: [], draft: { kind, attributes: {}, activations: [0] }, chain: [],
      inputs: [from.name], outputs: [to.name], weights: {}, floats: {},
    },
  };
}

function floatShape(graph: Graph, tensor: string): readonly number[] {
  const type = typeOf(graph, tensor);
  if (type === undefined) throw new Error(`BUG: tensor "${tensor}" has no type`);
  if (type.dtype !== 'FP32') {
    throw new Fault({
      what: `tensor "${tensor}" is ${type.dtype}: axbuild passes FP32 tensors between groups, and nothing else yet`,
      facts: [['try', 'fold the operators that compute it into constants, or leave them out of the model']],
    });
  }
  return type.shape;
}

function taken(name: string): Fault {
  return new Fault({
    what: `tensor name "${name}" is taken: axbuild gives it to an edge of the quantised network`,
    facts: [['try', 'rename that tensor in the model']],
  });
}
