// A reduction that drops its axes becomes one that keeps them and a Reshape, where the NPU has the operator with its axes kept only.
import type { Graph, Node, TensorType, Weight } from '../graph/graph.ts';
import { bytesOfNumbers } from '../graph/numbers.ts';
import { addWeights, replaceNodes } from '../graph/rewrite.ts';
import { numberOf } from '../ops/attributes.ts';
import { viewsOf } from '../ops/view.ts';
import { freshName } from './names.ts';
import type { Pass } from './pass.ts';

export const keepReducedAxes: Pass = {
  name: 'keep-reduced-axes',
  about: 'Makes ReduceMean over height and width without keepdims a ReduceMean with keepdims and a Reshape.',
  run(graph, { blobs, keep, opOf }) {
    const viewIn = viewsOf(graph, blobs);
    const weights: Record<string, Weight> = {};
    const types: Record<string, TensorType> = {};
    const replacements = new Map<string, readonly Node[]>();
    for (const node of graph.nodes) {
      const op = opOf(node.op, node.domain);
      if (node.op !== 'ReduceMean' || op?.draft === undefined || numberOf(node, 'keepdims', 1) !== 0) continue;
      const kept: Node = { ...node, attributes: { ...node.attributes, keepdims: 1 } };
      const view = { ...viewIn(node), node: kept };
      if ('limit' in op.draft(view)) continue;
      const [out] = node.outputs;
      const inner = freshName(graph, `${out}:kept`);
      const shape = freshName(graph, `${out}:shape`);
      const { shape: sizes } = graph.types[out!]!;
      types[inner] = op.infer(view)[0]!;
      weights[shape] = { dtype: 'S64', shape: [sizes.length], digest: keep(bytesOfNumbers(sizes, 'S64')) };
      replacements.set(node.name, [
        { ...kept, outputs: [inner] },
        { name: `${node.name}:shape`, op: 'Reshape', domain: '', inputs: [inner, shape], outputs: [out!], attributes: { allowzero: 1 } },
      ]);
    }
    return replacements.size === 0 ? graph : withTypes(addWeights(replaceNodes(graph, replacements), weights), types);
  },
};

function withTypes(graph: Graph, types: Readonly<Record<string, TensorType>>): Graph {
  return { ...graph, types: { ...graph.types, ...types } };
}
