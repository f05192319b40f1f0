// The quantised network as standard ONNX that every runtime opens: the float operators, between QuantizeLinear and DequantizeLinear with the
// scales, zeros and codes of the compiled model. It takes and gives what the user's float model does.
import { textOf, viewAs } from '../base/bytes.ts';
import { roundHalfEven } from '../base/real.ts';
import type { Blobs, Graph, Keep, Node } from '../graph/graph.ts';
import type { GroupStructure, GroupValues } from '../ops/group.ts';
import { biasSteps } from '../ops/kinds/accumulator.ts';
import { quantOf } from '../ops/kinds/attributes.ts';
import type { FusedGroup, FusedNetwork, ResolvedGroup, ResolvedNetwork } from './network.ts';
import { edgesOf, once, sheetOf, type Edges, type Sheet } from './qdq-edges.ts';
import { formOf, keyOf, type CodedWeight, type StoredIndex } from './qdq-weights.ts';

export interface QdqParts {
  readonly graph: Graph;
  readonly network: FusedNetwork;
  readonly resolved: ResolvedNetwork;
  readonly index: StoredIndex;
  /** What resolve kept, and the float model's own constants. */
  readonly blobs: Blobs;
  readonly keep: Keep;
}

export function qdqGraph(parts: QdqParts): Graph {
  const { graph, network, index, keep } = parts;
  const sheet = sheetOf(graph, { keep, taken: index.coded.map((one) => one.name) });
  const edges = edgesOf(sheet, parts);
  const operators = operatorsOf(sheet, { ...parts, edges });
  for (const group of network.groups) {
    // Codes that leave are dequantised where they are made.
    if (group.kind === 'dequantize') continue;
    if (group.nodes.length > 0) operators(group);
    else for (const tensor of Object.values(group.floats)) sheet.weights[tensor] = graph.weights[tensor]!;
    for (const edge of group.outputs) edges.write(edge);
  }
  const { nodes, weights, types } = sheet;
  return { name: graph.name, nodes, inputs: graph.inputs, outputs: graph.outputs, weights, types };
}

/** Emits the float nodes of a group: activations from its entries, weights and bias from codes, its tail's name as the edge has it. */
function operatorsOf(sheet: Sheet, { graph, network, resolved, index, blobs, edges }: QdqParts & { readonly edges: Edges }): (group: FusedGroup) => void {
  const floatNodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const tensors = new Map(network.edges.map((edge) => [edge.name, edge.tensor]));
  const groups = new Map(resolved.groups.map((group) => [group.name, group]));
  const weights = weightsOf(sheet, index);
  const record = <T>(digest: ResolvedGroup['structure']): T => JSON.parse(textOf(blobs(digest))) as T; // written by resolve

  const emit = (node: Node, renamed: ReadonlyMap<string, string>): void => {
    const name = (tensor: string): string => renamed.get(tensor) ?? tensor;
    const inputs = node.inputs.map(name);
    for (const input of inputs) if (Object.hasOwn(graph.weights, input)) sheet.weights[input] = graph.weights[input]!;
    const outputs = node.outputs.map(name);
    node.outputs.forEach((tensor, i) => tensor !== '' && (sheet.types[outputs[i]!] = graph.types[tensor]!));
    sheet.nodes.push({ ...node, inputs, outputs });
  };

  return (group) => {
    const renamed = new Map<string, string>();
    // A CPU group may write floats and codes of one tensor: the operator writes it, both follow.
    for (const edge of group.outputs) renamed.set(tensors.get(edge)!, edges.before(edge));
    const at = new Map<string, string>();
    const own = groups.get(group.name);
    if (own === undefined) {
      for (const edge of group.inputs) at.set(tensors.get(edge)!, edges.read(edge));
    } else {
      const structure = record<GroupStructure>(own.structure);
      const values = record<GroupValues>(own.values);
      group.inputs.forEach((edge, i) => at.set(tensors.get(edge)!, edges.read(edge, { dtype: structure.entries[i]!, quant: values.entries[i]! })));
      for (const request of own.weights) {
        const weight = weights(keyOf(formOf(group.weights[request.role]!, request)));
        at.set(weight.tensor, weight.floats);
        const bias = group.floats['bias'];
        if (bias !== undefined) at.set(bias, biasOf(sheet, { graph, bias, structure, values, weight, blobs }));
      }
    }
    // A function of several nodes (x * sigmoid(x)) reads what enters once more behind the head.
    for (const node of group.nodes) emit(floatNodes.get(node)!, new Map([...renamed, ...at]));
  };
}

/** Float tensors behind the codes of weights, one a form. */
function weightsOf(sheet: Sheet, index: StoredIndex): (key: string) => CodedWeight & { readonly floats: string } {
  const forms = new Map(index.coded.map((one) => [keyOf(one), one]));
  const known = new Map<string, CodedWeight & { floats: string }>();
  return (key) => once(known, key, () => {
    const form = forms.get(key)!;
    const { tensor, name, codes, axis } = form;
    const channels = [codes.shape[axis]!];
    sheet.weights[name] = codes;
    const scale = sheet.constant(sheet.fresh(`${tensor}_scale`), { dtype: 'FP32', shape: channels }, viewAs(Float32Array, form.scales));
    const zeros = codes.dtype === 'S8' ? new Int8Array(channels[0]!) : new Int16Array(channels[0]!);
    const zero = sheet.constant(sheet.fresh(`${tensor}_zero_point`), { dtype: codes.dtype, shape: channels }, zeros);
    return { ...form, floats: sheet.node('DequantizeLinear', [name, scale, zero], sheet.fresh(`${tensor}_DequantizeLinear_Output`), { axis }) };
  });
}

interface BiasParts {
  readonly graph: Graph;
  /** The float tensor. */
  readonly bias: string;
  readonly structure: GroupStructure;
  readonly values: GroupValues;
  readonly weight: CodedWeight;
  readonly blobs: Blobs;
}

/**
 * A bias in steps of its accumulator, S32. One that needs more bits (16 by 16) takes steps that are larger by a power of two: 32 bits of it are
 * still more than a float holds. As a float it must not stay: ONNX Runtime would quantise it itself, in the accumulator's steps, and saturate.
 */
function biasOf(sheet: Sheet, { graph, bias, structure, values, weight, blobs }: BiasParts): string {
  const { shape, digest } = graph.weights[bias]!;
  const entry = quantOf(values.entries[0], 'entry 0');
  const units = Float64Array.from(viewAs(Float32Array, weight.scales));
  for (let o = 0; o < units.length; o++) units[o]! *= entry.scale;
  const steps = biasSteps(structure, viewAs(Float32Array, blobs(digest)), units);
  for (let o = 0; o < steps.length; o++) {
    while (Math.abs(steps[o]!) >= 2 ** 31) [steps[o], units[o]] = [roundHalfEven(steps[o]! / 2), units[o]! * 2];
  }
  // One number a column, [n] or [1, n].
  const axis = shape.length - 1;
  const channels = [shape[axis]!];
  const name = sheet.constant(sheet.fresh(`${bias}_quantized`), { dtype: 'S32', shape }, new Int32Array(steps));
  const scale = sheet.constant(sheet.fresh(`${bias}_scale`), { dtype: 'FP32', shape: channels }, new Float32Array(units));
  return sheet.node('DequantizeLinear', [name, scale], sheet.fresh(`${bias}_DequantizeLinear_Output`), { axis });
}
