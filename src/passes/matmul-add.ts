// MatMul by a constant and Add of a row become Gemm, which has a bias.
import type { Graph, Node } from '../graph/graph.ts';
import { consumersOf, prune, replaceNodes } from '../graph/rewrite.ts';
import type { Pass } from './pass.ts';

export const matmulAdd: Pass = {
  name: 'matmul-add',
  about: 'Makes MatMul [M, K] x [K, N] + a row of N constants one Gemm.',
  run(graph) {
    const consumers = consumersOf(graph);
    const replacements = new Map<string, readonly Node[]>();
    for (const product of graph.nodes) {
      const [sum, ...others] = consumers.get(product.outputs[0]!) ?? [];
      if (product.op !== 'MatMul' || sum?.op !== 'Add' || others.length > 0 || graph.outputs.includes(product.outputs[0]!)) continue;
      const row = sum.inputs.find((tensor) => tensor !== product.outputs[0]);
      if (row === undefined || !isMatrix(graph, product) || !isRow(graph, row, product.outputs[0]!)) continue;
      const gemm: Node = {
        name: product.name, op: 'Gemm', domain: '', inputs: [...product.inputs, row], outputs: sum.outputs,
        attributes: { alpha: 1, beta: 1, transA: 0, transB: 0 },
      };
      replacements.set(product.name, []).set(sum.name, [gemm]);
    }
    return replacements.size === 0 ? graph : prune(replaceNodes(graph, replacements));
  },
};

function isMatrix(graph: Graph, product: Node): boolean {
  return graph.types[product.inputs[0]!]?.shape.length === 2 && graph.weights[product.inputs[1]!]?.shape.length === 2;
}

function isRow(graph: Graph, tensor: string, product: string): boolean {
  const shape = graph.weights[tensor]?.shape;
  const columns = graph.types[product]!.shape[1];
  return shape !== undefined && shape.at(-1) === columns && shape.length <= 2 && shape.slice(0, -1).every((size) => size === 1);
}
