// Nodes that see nothing but constants become constants. Shape arithmetic is computed here, with the numbers that shape inference follows
// anyway; everything else by the float engine, all in one run.
import type { Graph, Node, Weight } from '../graph/graph.ts';
import { inferValues } from '../graph/infer.ts';
import { bytesOfNumbers } from '../graph/numbers.ts';
import { addWeights, consumersOf, extract, prune, replaceNodes } from '../graph/rewrite.ts';
import type { Pass, PassContext } from './pass.ts';

export const foldConstants: Pass = {
  name: 'fold-constants',
  about: 'Computes nodes whose inputs are constants, and shape arithmetic.',
  always: true,
  async run(graph, context) {
    const exact = foldNumbers(graph, context);
    return foldFloat(exact, context);
  },
};

/** What shape inference knows the numbers of. */
function foldNumbers(graph: Graph, { blobs, keep, opOf }: PassContext): Graph {
  const values = inferValues(graph, blobs, opOf);
  const weights: Record<string, Weight> = {};
  const gone = new Map<string, readonly Node[]>();
  for (const node of graph.nodes) {
    const [tensor] = node.outputs;
    const known = tensor === undefined ? undefined : values.get(tensor);
    if (tensor === undefined || known === undefined || !isFoldable(graph, node)) continue;
    weights[tensor] = { dtype: known.dtype, shape: known.shape, digest: keep(bytesOfNumbers(known.numbers, known.dtype)) };
    gone.set(node.name, []);
  }
  return gone.size === 0 ? graph : withWeights(replaceNodes(graph, gone), weights);
}

/** Whatever else hangs on constants only, computed in one float run. */
async function foldFloat(graph: Graph, { evaluate, keep }: PassContext): Promise<Graph> {
  const constant = new Set(Object.keys(graph.weights));
  const members = new Set<string>();
  for (const node of graph.nodes) {
    if (!isFoldable(graph, node) || !node.inputs.every((tensor) => tensor === '' || constant.has(tensor))) continue;
    members.add(node.name);
    node.outputs.forEach((tensor) => constant.add(tensor));
  }
  if (members.size === 0) return graph;
  const readers = consumersOf(graph);
  const leaves = graph.nodes
    .filter((node) => members.has(node.name))
    .flatMap((node) => node.outputs)
    .filter((tensor) => readers.get(tensor)?.some((node) => !members.has(node.name)));
  const bytes = leaves.length === 0 ? [] : await evaluate(extract(graph, { name: graph.name, nodes: members, outputs: leaves }));
  const weights = Object.fromEntries(leaves.map((tensor, i) => [tensor, { ...graph.types[tensor]!, digest: keep(bytes[i]!) }]));
  return withWeights(replaceNodes(graph, new Map([...members].map((name) => [name, []]))), weights);
}

/** The network's own outputs stay computed by a node. */
function isFoldable(graph: Graph, node: Node): boolean {
  return !node.outputs.some((tensor) => graph.outputs.includes(tensor));
}

function withWeights(graph: Graph, weights: Readonly<Record<string, Weight>>): Graph {
  const types = Object.fromEntries(Object.entries(graph.types).filter(([tensor]) => !Object.hasOwn(weights, tensor)));
  return prune({ ...addWeights(graph, weights), types });
}
