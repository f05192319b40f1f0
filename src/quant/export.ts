// The quantised network as a graph that ONNX tools open: one node a group, tensors named as edges. Without numbers it is
// frontend/optimized_quant_axmodel.onnx, whose tensor names compiler.sub_configs take; with them, quant/quant_axmodel.onnx.
import type { DType } from '../base/dtype.ts';
import type { Attribute, Graph, Node, TensorType, Weight } from '../graph/graph.ts';
import { axTypeOf } from './alias.ts';
import type { FusedGroup, FusedNetwork, ResolvedEdge, ResolvedNetwork } from './network.ts';
import { signedNames } from './types.ts';

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
  const tensors = new Map(network.edges.map((edge) => [edge.name, edge.tensor]));
  const nodes = network.groups.flatMap((group) => {
    const head = floatNodes.get(group.nodes[0] ?? '');
    return group.kind === 'cpu' ? cpuNodes(group, head!, tensors) : [npuNode(group, head, resolvedOf)];
  });
  const weights: Record<string, Weight> = {};
  for (const input of nodes.flatMap((node) => node.inputs)) if (graph.weights[input] !== undefined) weights[input] = graph.weights[input];
  const types: Record<string, TensorType> = {};
  for (const { name, shape, dtype, layout } of network.edges) {
    const [n, c, h, w] = shape;
    // Here shapes are for reading: those of the bytes that a runtime passes.
    const resolved = resolvedOf(name);
    types[name] = { dtype: resolved === undefined ? (dtype ?? 'FP32') : typeNameOf(resolved), shape: layout === 'nhwc' ? [n!, h!, w!, c!] : shape };
  }
  return { name: graph.name, nodes, inputs: network.inputs, outputs: network.outputs, weights, types };
}

/** The operator itself, on edges; where a tensor leaves as floats and as codes, the codes are shown as made behind it. */
function cpuNodes({ alias, inputs, outputs }: FusedGroup, head: Node, tensors: ReadonlyMap<string, string>): Node[] {
  const edgesOf = (edges: readonly string[], tensor: string): readonly string[] => edges.filter((edge) => tensors.get(edge) === tensor);
  const operator = {
    ...head,
    name: alias,
    inputs: head.inputs.map((tensor) => edgesOf(inputs, tensor)[0] ?? tensor),
    outputs: head.outputs.map((tensor) => edgesOf(outputs, tensor)[0] ?? tensor),
  };
  const extra = head.outputs.flatMap((tensor) => edgesOf(outputs, tensor).slice(1).map((edge): Node => ({
    name: `${alias}_${edge}`, op: 'AxQuantizeLinear', domain: '', inputs: edgesOf(outputs, tensor).slice(0, 1), outputs: [edge], attributes: {},
  })));
  return [operator, ...extra];
}

function npuNode(group: FusedGroup, head: Node | undefined, resolvedOf: (edge: string) => ResolvedEdge | undefined): Node {
  const attributes: Record<string, Attribute> = { ...group.draft?.attributes, ...numbersOf('input', group.inputs, resolvedOf), ...numbersOf('output', group.outputs, resolvedOf) };
  if (group.nodes.length > 0) attributes['operators'] = group.nodes;
  if (group.chain.length > 0) attributes['functions'] = group.chain.map(({ fn, args }) => (args.length === 0 ? fn : `${fn}(${args.join(', ')})`));
  const inputs = [...group.inputs, ...Object.values(group.weights), ...Object.values(group.floats)];
  return { name: group.alias, op: axTypeOf(group, head?.op ?? ''), domain: '', inputs, outputs: group.outputs, attributes };
}

/** <end>_scales, <end>_zeropoints and, of the output, its type; nothing for edges without scales. */
function numbersOf(end: 'input' | 'output', edges: readonly string[], resolvedOf: (edge: string) => ResolvedEdge | undefined): Record<string, Attribute> {
  const resolved = edges.flatMap((edge) => resolvedOf(edge) ?? []);
  if (resolved.length === 0) return {};
  const quants = resolved.flatMap(({ quant, signed }) => (quant === null ? [] : [signed ? { ...quant, zero: 0 } : quant]));
  return {
    ...(quants.length > 0 && { [`${end}_scales`]: quants.map(({ scale }) => scale), [`${end}_zeropoints`]: quants.map(({ zero }) => zero) }),
    ...(end === 'output' && { output_dtype: typeNameOf(resolved[0]!) }),
  };
}

/** As the user calls it: a signed type by its own name. */
function typeNameOf({ dtype, signed }: ResolvedEdge): DType {
  return signed === true && dtype !== 'FP32' ? signedNames[dtype] : dtype;
}
