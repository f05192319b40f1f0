// A constant operand of fewer axes than the activation that it meets gets the axes that broadcasting gives it, each of one element.
import type { Node, Weight } from '../graph/graph.ts';
import { addWeights, prune, replaceNodes } from '../graph/rewrite.ts';
import { viewsOf } from '../ops/view.ts';
import { freshName } from './names.ts';
import type { Pass } from './pass.ts';

const operators = new Set(['Add', 'Sub', 'Mul']);

export const equalRanks: Pass = {
  name: 'equal-ranks',
  about: 'Gives constant operands of Add, Sub and Mul as many axes as the activation has.',
  run(graph, { blobs, opOf }) {
    const viewIn = viewsOf(graph, blobs);
    const weights: Record<string, Weight> = {};
    const replacements = new Map<string, readonly Node[]>();
    for (const node of graph.nodes) {
      if (!operators.has(node.op) || node.domain !== '' || node.inputs.length !== 2) continue;
      const side = node.inputs.findIndex((tensor) => graph.weights[tensor] !== undefined);
      const weight = graph.weights[node.inputs[side] ?? ''];
      const rank = graph.types[node.inputs[1 - side] ?? '']?.shape.length;
      if (weight === undefined || rank === undefined || weight.shape.length >= rank || opOf(node.op)?.unary?.(viewIn(node)) !== undefined) continue;
      const name = freshName(graph, `${node.outputs[0]}:operand`);
      weights[name] = { ...weight, shape: [...Array.from({ length: rank - weight.shape.length }, () => 1), ...weight.shape] };
      replacements.set(node.name, [{ ...node, inputs: node.inputs.map((tensor, i) => (i === side ? name : tensor)) }]);
    }
    return replacements.size === 0 ? graph : prune(addWeights(replaceNodes(graph, replacements), weights));
  },
};
