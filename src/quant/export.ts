// The quantised network as a graph that ONNX tools open: one node a group, tensors named as edges. Without numbers it is
// frontend/optimized_quant_axmodel.onnx, whose tensor names compiler.sub_configs take; with them, quant/quant_axmodel.onnx.
import type { DType } from '../base/dtype.ts';
import type { Attribute, Graph, Node, TensorType, Weight } from '../graph/graph.ts';
import { axTypeOf } from './alias.ts';
import type { FusedGroup, FusedNetwork, ResolvedEdge, ResolvedNetwork } from './network.ts';

export { quantAxmodelJson, type QuantAxmodel, type QuantAxmodelInputs } from './states.ts';

/** Edges as floats: what the front end knows before calibration. */
export function frontendGraph(graph: Graph, network: FusedNetwork): Graph {
  return graphOf(graph, network, () => undefined);
}

/** The same with types, scales and zeros, as the vendor's attributes name them. */
export function quantisedGraph(graph: Graph, network: FusedNetwork, resolved: ResolvedNetwork): Graph {
  const edges = new Map(resolved.edges.map((edge) => [edge.name, edge]));
  return graphOf(graph, network, (name) => edges.get(name));
}

function graphOf(graph: Graph, network: FusedNetwork, resolvedOf: (edge: string) => ResolvedEdge | undefined): Graph {
  const floatNodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const nodes = network.groups.map((group) => nodeOf(group, floatNodes, resolvedOf));
  const weights: Record<string, Weight> = {};
  for (const input of nodes.flatMap((node) => node.inputs)) if (graph.weights[input] !== undefined) weights[input] = graph.weights[input];
  const types: Record<string, TensorType> = {};
  for (const { name, shape, dtype, layout } of network.edges) {
    const [n, c, h, w] = shape;
    // Here shapes are for reading: those of the bytes that a runtime passes.
    types[name] = { dtype: resolvedOf(name)?.dtype ?? (dtype satisfies DType | undefined) ?? 'FP32', shape: layout === 'nhwc' ? [n!, h!, w!, c!] : shape };
  }
  return { name: graph.name, nodes, inputs: network.inputs, outputs: network.outputs, weights, types };
}

function nodeOf(group: FusedGroup, floatNodes: ReadonlyMap<string, Node>, resolvedOf: (edge: string) => ResolvedEdge | undefined): Node {
  const head = floatNodes.get(group.nodes[0] ?? '');
  const name = group.alias;
  const domain = '';
  if (group.kind === 'cpu') {
    // A CPU group's edges may carry its tensors twice, as floats and as codes: one output each, in the order of the group.
    const { op, attributes, inputs } = head!;
    const constants = inputs.filter((input) => input !== '' && !group.inputs.includes(input) && !group.inputs.includes(`${input}:codes`));
    return { name, op, domain: head!.domain, inputs: [...group.inputs, ...constants], outputs: group.outputs, attributes };
  }
  const attributes: Record<string, Attribute> = { ...group.draft?.attributes, ...numbersOf('input', group.inputs, resolvedOf), ...numbersOf('output', group.outputs, resolvedOf) };
  if (group.nodes.length > 0) attributes['operators'] = group.nodes;
  if (group.chain.length > 0) attributes['functions'] = group.chain.map(({ fn, args }) => (args.length === 0 ? fn : `${fn}(${args.join(', ')})`));
  const inputs = [...group.inputs, ...Object.values(group.weights), ...Object.values(group.floats)];
  return { name, op: axTypeOf(group, head?.op ?? ''), domain, inputs, outputs: group.outputs, attributes };
}

/** <end>_scales, <end>_zeropoints and, of the output, its type; nothing for edges without scales. */
function numbersOf(end: 'input' | 'output', edges: readonly string[], resolvedOf: (edge: string) => ResolvedEdge | undefined): Record<string, Attribute> {
  const resolved = edges.flatMap((edge) => resolvedOf(edge) ?? []);
  if (resolved.length === 0) return {};
  const quants = resolved.flatMap(({ quant }) => (quant === null ? [] : [quant]));
  return {
    ...(quants.length > 0 && { [`${end}_scales`]: quants.map(({ scale }) => scale), [`${end}_zeropoints`]: quants.map(({ zero }) => zero) }),
    ...(end === 'output' && { output_dtype: resolved[0]!.dtype }),
  };
}
