// Names for tensors that a pass makes: the name of the tensor they serve, a colon, and what they are.
import type { Graph } from '../graph/graph.ts';

/** `name`, or `name'` and so on where the graph has it already: the user may have called something so, and an earlier round may have. */
export function freshName(graph: Graph, name: string): string {
  const taken = Object.hasOwn(graph.weights, name) || Object.hasOwn(graph.types, name);
  return taken ? freshName(graph, `${name}'`) : name;
}
