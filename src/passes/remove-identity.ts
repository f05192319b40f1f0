// Removes nodes that give back their first input: Identity and Dropout always, others where their attributes make them so.
import type { Graph, Node } from '../graph/graph.ts';
import { consumersOf, producersOf, prune, renameUses, replaceNodes } from '../graph/rewrite.ts';
import { numberOf, numbersOf, textOf } from '../ops/attributes.ts';
import type { NodeView, Op } from '../ops/op.ts';
import { viewsOf } from '../ops/view.ts';
import type { Pass } from './pass.ts';

export const removeIdentity: Pass = {
  name: 'remove-identity',
  about: 'Removes nodes that give back their input: Identity, Dropout, Cast to the same type, Reshape to the same shape, + 0, * 1 …',
  run(graph, { blobs, opOf }) {
    const viewIn = viewsOf(graph, blobs);
    const kept = new Map(graph.nodes.flatMap((node) => {
      const tensor = keptInput(graph, viewIn(node), opOf(node.op, node.domain));
      return tensor === undefined ? [] : [[node, tensor] as const];
    }));
    const inner = [...kept].filter(([node]) => !graph.outputs.includes(node.outputs[0]!));
    if (inner.length > 0) {
      const renamed = renameUses(graph, new Map(inner.map(([node, tensor]) => [node.outputs[0]!, tensor])));
      return prune(replaceNodes(renamed, new Map(inner.map(([node]) => [node.name, []]))));
    }
    // One at the end: its producer takes over the output's name. One at a time, since two may share a producer.
    const last = [...kept].find(([, tensor]) => isPrivate(graph, tensor));
    return last === undefined ? graph : renameProducer(graph, { gone: last[0], from: last[1] });
  },
};

/** Whether a node computes this tensor and the world doesn't know its name. */
function isPrivate(graph: Graph, tensor: string): boolean {
  return producersOf(graph).has(tensor) && !graph.outputs.includes(tensor);
}

function renameProducer(graph: Graph, { gone, from }: { gone: Node; from: string }): Graph {
  const to = gone.outputs[0]!;
  const rename = (tensor: string): string => (tensor === from ? to : tensor);
  const nodes = graph.nodes.flatMap((node) => (node === gone ? [] : [{ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }]));
  return prune({ ...graph, nodes });
}

/** The input that a node gives back unchanged, if it does. */
function keptInput(graph: Graph, view: NodeView, op: Op | undefined): string | undefined {
  const { node } = view;
  const to = graph.types[node.outputs[0] ?? ''];
  const call = op?.unary?.(view);
  const neutral = call?.fn === 'affine' && call.args[0] === 1 && call.args[1] === 0;
  if (neutral) return node.inputs.find((tensor) => tensor !== '' && !Object.hasOwn(graph.weights, tensor));
  const from = view.inputs[0];
  if (node.domain !== '' || from === undefined || from.dtype !== to?.dtype || from.shape.join() !== to.shape.join()) return undefined;
  if (node.outputs.slice(1).some((tensor) => tensor !== '' && isRead(graph, tensor))) return undefined;
  return sameTypeIsSame.has(node.op) || whenNeutral[node.op]?.(view) === true ? node.inputs[0] : undefined;
}

function isRead(graph: Graph, tensor: string): boolean {
  return graph.outputs.includes(tensor) || consumersOf(graph).has(tensor);
}

/** Operators that can't do anything when input and output have the same type and shape. */
const sameTypeIsSame = new Set(['Identity', 'Dropout', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Expand', 'Tile']);

/** Operators that may do something all the same. */
const whenNeutral: Readonly<Record<string, (view: NodeView) => boolean>> = {
  Transpose: ({ node }) => numbersOf(node, 'perm', []).every((axis, i) => axis === i) && numbersOf(node, 'perm') !== undefined,
  Slice: (view) => view.inputs[4] === undefined || view.constant(4)?.every((step) => step > 0) === true,
  Pad: (view) => view.constant(1)?.every((pad) => pad === 0) === true,
  Concat: ({ node }) => node.inputs.length === 1,
  Max: ({ node }) => node.inputs.length === 1,
  Min: ({ node }) => node.inputs.length === 1,
  Split: ({ node }) => node.outputs.length === 1,
  Resize: ({ node }) => textOf(node, 'coordinate_transformation_mode', 'half_pixel') !== 'tf_crop_and_resize' && numberOf(node, 'antialias', 0) === 0,
};
