// The text form of a graph: readable, complete, and the same for equal graphs. graph/parse reads it back.
//
//   graph main
//     input x FP32[1,3,8,8]
//     conv_0 = Conv(x, w, _) group=1 pads=[1,1,1,1] auto_pad="NOTSET" -> y FP32[1,4,8,8]
//     output y
//     weight w FP32[4,3,3,3] 5feceb66…
//
// `_` is an input or output that is left out; other domains are written before the operator: com.example::Thing. Names that are no
// plain words are quoted as in JSON.
import { byCodeUnit } from '../base/canonical.ts';
import type { Attribute, Graph, Node, TensorType } from './graph.ts';
import { isTensor } from './record.ts';

export interface PrintOptions {
  /** Digests cut to 8 digits: for eyes and golden tests, not for parse. */
  readonly brief?: boolean;
}

export function printGraph(graph: Graph, { brief = false }: PrintOptions = {}): string {
  const digest = (text: string): string => (brief ? text.slice(0, 8) : text);
  const typed = (tensor: string): string => (Object.hasOwn(graph.types, tensor) ? `${printName(tensor)} ${printType(graph.types[tensor]!)}` : printName(tensor));
  const value = (attribute: Attribute): string => {
    if (isTensor(attribute)) return `${printType(attribute.tensor)}@${digest(attribute.tensor.digest)}`;
    return JSON.stringify(attribute);
  };
  const line = (node: Node): string => {
    const domain = node.domain === '' ? '' : `${printName(node.domain)}::`;
    const attributes = Object.keys(node.attributes).sort(byCodeUnit).map((name) => ` ${printName(name)}=${value(node.attributes[name]!)}`);
    const outputs = node.outputs.map((tensor) => (tensor === '' ? '_' : typed(tensor)));
    return `${printName(node.name)} = ${domain}${printName(node.op)}(${node.inputs.map(printName).join(', ')})${attributes.join('')} -> ${outputs.join(', ')}`;
  };
  const lines = [
    ...graph.inputs.map((tensor) => `input ${typed(tensor)}`),
    ...graph.nodes.map(line),
    ...graph.outputs.map((tensor) => `output ${printName(tensor)}`),
    ...Object.keys(graph.weights).sort(byCodeUnit).map((name) => `weight ${printName(name)} ${printType(graph.weights[name]!)} ${digest(graph.weights[name]!.digest)}`),
  ];
  return [`graph ${printName(graph.name)}`, ...lines.map((text) => `  ${text}`)].join('\n') + '\n';
}

/** FP32[1,3,8,8] */
export function printType({ dtype, shape }: TensorType): string {
  return `${dtype}[${shape.join(',')}]`;
}

function printName(name: string): string {
  if (name === '') return '_';
  return /^[A-Za-z0-9/.][A-Za-z0-9/._-]*$/.test(name) ? name : JSON.stringify(name);
}
