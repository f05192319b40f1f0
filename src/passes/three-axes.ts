// MatMul, Softmax and LayerNormalization of more than three axes work on matrices all the same: the leading axes become one. In memory a
// tensor of four axes keeps its axis 1 together (channels), which no row wants.
import type { Graph, Node, TensorType, Weight } from '../graph/graph.ts';
import { bytesOfNumbers } from '../graph/numbers.ts';
import { addWeights, replaceNodes } from '../graph/rewrite.ts';
import { numberOf } from '../ops/attributes.ts';
import { freshName } from './names.ts';
import type { Pass } from './pass.ts';

export const threeAxes: Pass = {
  name: 'three-axes',
  about: 'Makes MatMul, Softmax and LayerNormalization of four axes or more three-dimensional, with a Reshape before and behind.',
  run(graph, { keep }) {
    const weights: Record<string, Weight> = {};
    const types: Record<string, TensorType> = {};
    const taken = { ...graph, weights: { ...graph.weights }, types: { ...graph.types } };
    const reshape = (node: string, { from, to, shape }: { from: string; to: string; shape: readonly number[] }): Node => {
      const list = freshName(taken, `${to}:shape`);
      weights[list] = { dtype: 'S64', shape: [shape.length], digest: keep(bytesOfNumbers(shape, 'S64')) };
      taken.weights[list] = weights[list];
      return { name: node, op: 'Reshape', domain: '', inputs: [from, list], outputs: [to], attributes: { allowzero: 1 } };
    };
    const replacements = new Map<string, readonly Node[]>();
    for (const node of graph.nodes) {
      const inputs = node.domain === '' ? rows[node.op]?.(graph, node) : undefined;
      if (inputs === undefined) continue;
      const out = node.outputs[0]!;
      const inner = (tensor: string): string => {
        const name = freshName(taken, `${tensor}:rows`);
        const { dtype, shape } = graph.types[tensor]!;
        types[name] = { dtype, shape: flat(shape) };
        taken.types[name] = types[name];
        return name;
      };
      const before = inputs.map((i) => {
        const tensor = node.inputs[i]!;
        const to = inner(tensor);
        return { i, to, node: reshape(`${node.name}:${i}:rows`, { from: tensor, to, shape: types[to]!.shape }) };
      });
      const result = inner(out);
      const made: Node = {
        ...node, inputs: node.inputs.map((tensor, i) => before.find((one) => one.i === i)?.to ?? tensor), outputs: [result],
        attributes: node.attributes['axis'] === undefined ? node.attributes : { ...node.attributes, axis: -1 },
      };
      replacements.set(node.name, [...before.map((one) => one.node), made, reshape(`${node.name}:shape`, { from: result, to: out, shape: graph.types[out]!.shape })]);
    }
    if (replacements.size === 0) return graph;
    const replaced = addWeights(replaceNodes(graph, replacements), weights);
    return { ...replaced, types: { ...replaced.types, ...types } };
  },
};

/** All but the last two axes as one. */
function flat(shape: readonly number[]): readonly number[] {
  return [shape.slice(0, -2).reduce((a, b) => a * b, 1), ...shape.slice(-2)];
}

/** Which inputs become three-dimensional; undefined where the operator stays as it is. */
const rows: Readonly<Record<string, (graph: Graph, node: Node) => readonly number[] | undefined>> = {
  MatMul(graph, { inputs: [a, b] }) {
    const [left, right] = [graph.types[a!]?.shape, graph.types[b!]?.shape];
    if (left === undefined || left.length < 4) return undefined;
    if (right === undefined) return left.length === 4 && graph.weights[b!]?.shape.length === 2 ? [0] : undefined;
    return left.slice(0, -2).join() === right.slice(0, -2).join() ? [0, 1] : undefined;
  },
  Softmax: overLastAxis,
  LayerNormalization: (graph, node) => (node.outputs.length === 1 ? overLastAxis(graph, node) : undefined),
};

function overLastAxis(graph: Graph, node: Node): readonly number[] | undefined {
  const rank = graph.types[node.inputs[0]!]?.shape.length ?? 0;
  const axis = numberOf(node, 'axis', -1);
  return rank >= 4 && (axis === -1 || axis === rank - 1) ? [0] : undefined;
}
