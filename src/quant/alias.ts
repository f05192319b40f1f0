// Vendor-style names, 'op_12:AxQuantizedConv': for the eye and for sub_configs, never part of a key.
import type { Graph } from '../graph/graph.ts';
import type { FusedGroup } from './network.ts';

type Named = Pick<FusedGroup, 'kind' | 'nodes' | 'draft'>;

/** Names that don't follow from the kind's own; a kind that is not listed becomes AxQuantized<Kind>. */
const names: Readonly<Record<string, (group: Named, headOp: string) => string>> = {
  cpu: (_, headOp) => `onnx.${headOp}`,
  concat: () => 'AxConcat',
  constant: () => 'AxConstant',
  dequantize: () => 'AxDequantizeLinear',
  eltwise: ({ draft }) => `AxQuantized${pascal(String(draft?.attributes['op'] ?? 'eltwise'))}`,
  max_pool: () => 'AxMaxPool',
  mean: () => 'AxQuantizedGlobAvgPool',
  move: (_, headOp) => `Ax${headOp}`,
  quantize: () => 'AxQuantizeLinear',
  resize: () => 'AxResize',
  softmax: () => 'AxSoftmax',
  unary: (_, headOp) => `AxQuantized${headOp}`,
};

export function axTypeOf(group: Named, headOp: string): string {
  return names[group.kind]?.(group, headOp) ?? `AxQuantized${pascal(group.kind)}`;
}

export function aliasOf(n: number, group: Named, graph: Graph): string {
  return `op_${n}:${axTypeOf(group, headOpOf(group, graph))}`;
}

/** ONNX operator type of a group's head; '' where it has no float node. */
export function headOpOf(group: Named, graph: Graph): string {
  return graph.nodes.find((node) => node.name === group.nodes[0])?.op ?? '';
}

function pascal(text: string): string {
  return text.split('_').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}
