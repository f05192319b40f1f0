// Reshapes in a row are one, and what computes element by element doesn't care for the shape: a Reshape before it goes behind it, where it
// may meet another.
import type { Graph, Node, TensorType } from '../graph/graph.ts';
import { consumersOf, producersOf, prune, replaceNodes } from '../graph/rewrite.ts';
import { viewsOf } from '../ops/view.ts';
import { freshName } from './names.ts';
import type { Pass } from './pass.ts';

export const reshapes: Pass = {
  name: 'reshapes',
  about: 'Joins Reshapes that follow each other, through scalar functions between them.',
  run(graph, { blobs, opOf }) {
    const producers = producersOf(graph);
    const consumers = consumersOf(graph);
    const viewIn = viewsOf(graph, blobs);
    const reshapeBefore = (tensor: string): Node | undefined => {
      const maker = producers.get(tensor);
      return maker?.op === 'Reshape' && maker.domain === '' && graph.types[maker.inputs[0]!] !== undefined ? maker : undefined;
    };
    const readers = (tensor: string): number => (consumers.get(tensor)?.length ?? 0) + Number(graph.outputs.includes(tensor));
    for (const node of graph.nodes) {
      const before = node.op === 'Reshape' && node.domain === '' ? reshapeBefore(node.inputs[0]!) : undefined;
      // The shape is written out: a 0 in it would now stand for another size.
      if (before !== undefined && isPlain(graph, node, viewIn(node).constant(1))) {
        return prune(replaceNodes(graph, new Map([[node.name, [{ ...node, inputs: [before.inputs[0]!, node.inputs[1]!] }]]])));
      }
      if (opOf(node.op, node.domain)?.unary?.(viewIn(node)) === undefined) continue;
      const x = node.inputs.find((tensor) => graph.types[tensor] !== undefined)!;
      const reshape = reshapeBefore(x);
      const [next] = consumers.get(node.outputs[0]!) ?? [];
      // Only towards another Reshape: elsewhere nothing is won.
      if (reshape === undefined || readers(x) !== 1 || !leadsToReshape(graph, node, consumers) || next === undefined) continue;
      return sink(graph, { node, x, reshape });
    }
    return graph;
  },
};

function isPlain(graph: Graph, { outputs }: Node, shape: readonly number[] | undefined): boolean {
  return shape?.join() === graph.types[outputs[0]!]!.shape.join();
}

function leadsToReshape(graph: Graph, start: Node, consumers: ReadonlyMap<string, readonly Node[]>): boolean {
  const tensor = start.outputs[0]!;
  const readers = consumers.get(tensor) ?? [];
  return !graph.outputs.includes(tensor) && readers.length === 1 && readers[0]!.op === 'Reshape';
}

/** Unary(Reshape(x)) becomes Reshape(Unary(x)); names stay with what they name. */
function sink(graph: Graph, { node, x, reshape }: { node: Node; x: string; reshape: Node }): Graph {
  const from = reshape.inputs[0]!;
  const inner = freshName(graph, `${node.outputs[0]}:rows`);
  const computed: Node = { ...node, inputs: node.inputs.map((tensor) => (tensor === x ? from : tensor)), outputs: [inner] };
  const reshaped: Node = { ...reshape, inputs: [inner, ...reshape.inputs.slice(1)], outputs: node.outputs };
  const types: Record<string, TensorType> = { ...graph.types, [inner]: { dtype: graph.types[x]!.dtype, shape: graph.types[from]!.shape } };
  // Both now stand where the function stood: the Reshape's own place may be before its new input.
  return prune(replaceNodes({ ...graph, types }, new Map([[reshape.name, []], [node.name, [computed, reshaped]]])));
}
