// Drops what no output needs.
import { prune } from '../graph/rewrite.ts';
import type { Pass } from './pass.ts';

export const deadCode: Pass = {
  name: 'dead-code',
  about: 'Drops nodes, weights and types that no output of the network needs.',
  always: true,
  run(graph) {
    const pruned = prune(graph);
    const size = ({ nodes, weights, types }: typeof graph): number => nodes.length + Object.keys(weights).length + Object.keys(types).length;
    return size(pruned) === size(graph) ? graph : pruned;
  },
};
