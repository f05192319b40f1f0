// The float model of a CPU subgraph: what the target lacks, run by ONNX Runtime between NPU units. Codes come in and leave as codes:
// DequantizeLinear, the user's operators, QuantizeLinear.
import { bytesOf } from '../base/bytes.ts';
import type { Graph, Keep, Node, TensorType, Weight } from '../graph/graph.ts';
import type { EdgeType } from '../ops/group.ts';
import type { FusedNetwork, ResolvedNetwork, UnitPlan } from './network.ts';

export function cpuModel(graph: Graph, parts: { readonly network: FusedNetwork; readonly resolved: ResolvedNetwork; readonly unit: UnitPlan; readonly keep: Keep }): Graph {
  const { network, resolved, unit, keep } = parts;
  const edges = new Map(network.edges.map((edge) => [edge.name, edge]));
  const quants = new Map(resolved.edges.map((edge) => [edge.name, edge]));
  const members = new Set(network.groups.filter((group) => unit.groups.includes(group.name)).flatMap((group) => group.nodes));
  const nodes: Node[] = [];
  const weights: Record<string, Weight> = {};
  const types: Record<string, TensorType> = {};

  const constant = (name: string, dtype: 'FP32' | EdgeType, value: number): string => {
    const data = dtype === 'FP32' ? new Float32Array([value]) : dtype === 'U16' ? new Uint16Array([value]) : new Uint8Array([value]);
    weights[name] = { dtype, shape: [], digest: keep(bytesOf(data)) };
    return name;
  };
  const convert = (op: 'DequantizeLinear' | 'QuantizeLinear', name: string, ends: { from: string; to: string }): void => {
    const { dtype, quant } = quants.get(name)!;
    const inputs = [ends.from, constant(`${name}:scale`, 'FP32', quant!.scale), constant(`${name}:zero`, dtype, quant!.zero)];
    nodes.push({ name: `${name}:${op}`, op, domain: '', inputs, outputs: [ends.to], attributes: {} });
  };

  for (const name of unit.inputs) {
    const { tensor, shape } = edges.get(name)!;
    const { dtype, quant } = quants.get(name)!;
    types[tensor] = { dtype: 'FP32', shape };
    if (quant === null) continue;
    types[`${name}:codes_in`] = { dtype, shape };
    convert('DequantizeLinear', name, { from: `${name}:codes_in`, to: tensor });
  }
  for (const node of graph.nodes.filter((one) => members.has(one.name))) {
    nodes.push(node);
    for (const input of node.inputs) if (graph.weights[input] !== undefined) weights[input] = graph.weights[input];
    for (const output of node.outputs) if (graph.types[output] !== undefined) types[output] = graph.types[output];
  }
  const outputs = unit.outputs.map((name) => {
    const { tensor, shape } = edges.get(name)!;
    const { dtype, quant } = quants.get(name)!;
    if (quant === null) return tensor;
    types[`${name}:codes_out`] = { dtype, shape };
    convert('QuantizeLinear', name, { from: tensor, to: `${name}:codes_out` });
    return `${name}:codes_out`;
  });
  const inputs = unit.inputs.map((name) => (quants.get(name)!.quant === null ? edges.get(name)!.tensor : `${name}:codes_in`));
  return { name: unit.name, nodes, inputs, outputs, weights, types };
}
