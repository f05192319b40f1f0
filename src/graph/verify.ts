// Checks a graph between passes. A broken rule is a bug of whoever made the graph: readers of foreign files raise faults of their own.
//
//   names      node names are not empty and unique; tensor names are not names of Object.prototype
//   producers  a tensor is a runtime input, a weight, or an output of exactly one node: one of the three
//   order      a node reads only tensors that are defined before it
//   outputs    every graph output is defined, and listed once
//   weights    sizes are whole and not negative; with blobs: the bytes are as long as the type says
//   types      runtime inputs have a type; no weight has an entry in types; every entry is of a tensor of this graph;
//              with 'typed': every output of every node has a type
import { dtypeBytes, dtypes, elements } from '../base/dtype.ts';
import { isDigest } from '../base/digest.ts';
import type { Blobs, Graph, TensorType } from './graph.ts';
import { isTensor } from './record.ts';

export interface VerifyOptions {
  /** Every tensor must have a type, as after shape inference. */
  readonly typed?: boolean;
  readonly blobs?: Blobs;
}

/** Gives the graph back; throws a bug that names `after` and every broken rule. */
export function verify(graph: Graph, after: string, options: VerifyOptions = {}): Graph {
  const broken = brokenRules(graph, options);
  if (broken.length > 0) throw new Error(`BUG: ${after} left a broken graph\n   ${broken.join('\n   ')}`);
  return graph;
}

/** The broken rules, one sentence each. */
export function brokenRules(graph: Graph, { typed = false, blobs }: VerifyOptions = {}): readonly string[] {
  const broken: string[] = [];
  const defined = new Set<string>();
  const define = (tensor: string, by: string): void => {
    if (tensor in Object.prototype) broken.push(`names: tensor "${tensor}" has a reserved name`);
    if (defined.has(tensor)) broken.push(`producers: tensor "${tensor}" is defined again by ${by}`);
    defined.add(tensor);
  };
  graph.inputs.forEach((tensor) => define(tensor, 'the inputs'));
  Object.keys(graph.weights).forEach((tensor) => define(tensor, 'the weights'));

  const names = new Set<string>();
  for (const node of graph.nodes) {
    if (node.name === '') broken.push(`names: a ${node.op} has no name`);
    else if (names.has(node.name)) broken.push(`names: two nodes are called "${node.name}"`);
    names.add(node.name);
    for (const tensor of node.inputs) {
      if (tensor !== '' && !defined.has(tensor)) broken.push(`order: "${node.name}" reads "${tensor}", which is not defined before it`);
    }
    for (const tensor of node.outputs) if (tensor !== '') define(tensor, `"${node.name}"`);
  }
  graph.outputs.forEach((tensor, i) => {
    if (!defined.has(tensor)) broken.push(`outputs: "${tensor}" is not defined`);
    if (graph.outputs.indexOf(tensor) !== i) broken.push(`outputs: "${tensor}" is listed twice`);
  });
  return [...broken, ...brokenWeights(graph, blobs), ...brokenTypes(graph, { typed, defined })];
}

function brokenWeights(graph: Graph, blobs: Blobs | undefined): string[] {
  const broken: string[] = [];
  const attributes = graph.nodes.flatMap((node) =>
    Object.entries(node.attributes).flatMap(([name, value]) => (isTensor(value) ? [[`${node.name}.${name}`, value.tensor] as const] : [])),
  );
  for (const [name, weight] of [...Object.entries(graph.weights), ...attributes]) {
    if (!isType(weight)) broken.push(`weights: "${name}" has no proper type`);
    else if (!isDigest(weight.digest)) broken.push(`weights: "${name}" names no digest`);
    else if (blobs !== undefined) {
      const bytes = blobs(weight.digest).byteLength;
      const due = elements(weight.shape) * dtypeBytes(weight.dtype);
      if (bytes !== due) broken.push(`weights: "${name}" has ${bytes} bytes, its type ${due}`);
    }
  }
  return broken;
}

function brokenTypes(graph: Graph, { typed, defined }: { typed: boolean; defined: ReadonlySet<string> }): string[] {
  const broken: string[] = [];
  for (const [tensor, type] of Object.entries(graph.types)) {
    if (!isType(type)) broken.push(`types: "${tensor}" has no proper type`);
    if (Object.hasOwn(graph.weights, tensor)) broken.push(`types: "${tensor}" is a weight`);
    else if (!defined.has(tensor)) broken.push(`types: "${tensor}" is no tensor of this graph`);
  }
  const due = typed ? [...graph.inputs, ...graph.nodes.flatMap((node) => node.outputs.filter((tensor) => tensor !== ''))] : graph.inputs;
  for (const tensor of due) if (!Object.hasOwn(graph.types, tensor)) broken.push(`types: "${tensor}" has no type`);
  return broken;
}

function isType(type: TensorType): boolean {
  return Object.hasOwn(dtypes, type.dtype) && type.shape.every((size) => Number.isSafeInteger(size) && size >= 0);
}
