// Pure steps that passes are made of. Each takes a graph and gives a new one; none touches bytes of weights.
import { byCodeUnit } from '../base/canonical.ts';
import type { Graph, Node, TensorType, Weight } from './graph.ts';

/** The node that makes each tensor. */
export function producersOf(graph: Pick<Graph, 'nodes'>): Map<string, Node> {
  const producers = new Map<string, Node>();
  for (const node of graph.nodes) for (const tensor of node.outputs) if (tensor !== '') producers.set(tensor, node);
  return producers;
}

/** The nodes that read each tensor, in graph order, each once. */
export function consumersOf(graph: Pick<Graph, 'nodes'>): Map<string, readonly Node[]> {
  const consumers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const tensor of new Set(node.inputs)) {
      if (tensor === '') continue;
      const readers = consumers.get(tensor);
      if (readers === undefined) consumers.set(tensor, [node]);
      else readers.push(node);
    }
  }
  return consumers;
}

/** Type of any tensor, weights included. */
export function typeOf(graph: Pick<Graph, 'types' | 'weights'>, tensor: string): TensorType | undefined {
  if (Object.hasOwn(graph.weights, tensor)) return graph.weights[tensor];
  return Object.hasOwn(graph.types, tensor) ? graph.types[tensor] : undefined;
}

/** Puts other nodes (none, one or several) in the place of those named. */
export function replaceNodes(graph: Graph, replacements: ReadonlyMap<string, readonly Node[]>): Graph {
  return { ...graph, nodes: graph.nodes.flatMap((node) => replacements.get(node.name) ?? [node]) };
}

/**
 * Every reader of a key reads its value instead; chains (a -> b -> c) are followed. Graph outputs keep their names: whoever renames one
 * has to keep a node that makes it.
 */
export function renameUses(graph: Graph, renames: ReadonlyMap<string, string>): Graph {
  const follow = (tensor: string): string => {
    let name = tensor;
    for (let hops = 0; renames.has(name); hops++) {
      if (hops > renames.size) throw new Error(`BUG: renaming "${tensor}" never ends`);
      name = renames.get(name)!;
    }
    return name;
  };
  return { ...graph, nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(follow) })) };
}

export function addWeights(graph: Graph, weights: Readonly<Record<string, Weight>>): Graph {
  return { ...graph, weights: { ...graph.weights, ...weights } };
}

/** Drops nodes whose results nobody needs, then weights and types nobody names. Runtime inputs stay. */
export function prune(graph: Graph): Graph {
  const producers = producersOf(graph);
  const needed = new Set<Node>();
  const pending = graph.outputs.flatMap((tensor) => producers.get(tensor) ?? []);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    for (const tensor of node.inputs) {
      const producer = producers.get(tensor);
      if (producer !== undefined) pending.push(producer);
    }
  }
  const nodes = graph.nodes.filter((node) => needed.has(node));
  const named = new Set([...graph.inputs, ...graph.outputs, ...nodes.flatMap((node) => [...node.inputs, ...node.outputs])]);
  const keep = <T>(record: Readonly<Record<string, T>>): Record<string, T> => Object.fromEntries(Object.entries(record).filter(([name]) => named.has(name)));
  return { ...graph, nodes, weights: keep(graph.weights), types: keep(graph.types) };
}

/** The part of a typed graph that the named nodes form: what they read from outside become inputs, `outputs` leave. */
export function extract(graph: Graph, part: { readonly name: string; readonly nodes: ReadonlySet<string>; readonly outputs: readonly string[] }): Graph {
  const nodes = graph.nodes.filter((node) => part.nodes.has(node.name));
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const read = new Set(nodes.flatMap((node) => node.inputs).filter((tensor) => tensor !== '' && !made.has(tensor) && !Object.hasOwn(graph.weights, tensor)));
  // The model's own inputs first and in its order, then the others in order of use.
  const inputs = [...graph.inputs.filter((tensor) => read.has(tensor)), ...[...read].filter((tensor) => !graph.inputs.includes(tensor))];
  return prune({ ...graph, name: part.name, nodes, inputs, outputs: part.outputs });
}

/**
 * Nodes in topological order; among those that are ready, the one whose name comes first by code unit. The order depends on names and
 * edges only, never on the order given. Throws a bug on a cycle.
 */
export function canonicalOrder(graph: Pick<Graph, 'nodes'>): readonly Node[] {
  return sortNodes(graph.nodes, (a, b) => byCodeUnit(a.name, b.name));
}

/** Topological order that prefers, among the nodes that are ready, the least by `order`. */
export function sortNodes(nodes: readonly Node[], order: (a: Node, b: Node) => number): readonly Node[] {
  const producers = producersOf({ nodes });
  const consumers = consumersOf({ nodes });
  const waits = new Map<Node, number>();
  for (const node of nodes) waits.set(node, new Set(node.inputs.flatMap((tensor) => producers.get(tensor) ?? [])).size);
  const ready = nodes.filter((node) => waits.get(node) === 0).sort((a, b) => order(b, a));
  const sorted: Node[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    sorted.push(node);
    for (const reader of new Set(node.outputs.flatMap((tensor) => consumers.get(tensor) ?? []))) {
      const left = waits.get(reader)! - 1;
      waits.set(reader, left);
      if (left === 0) ready.splice(insertionPoint(ready, reader, order), 0, reader);
    }
  }
  if (sorted.length < nodes.length) throw new Error('BUG: the nodes form a cycle');
  return sorted;
}

/** Where `node` belongs in a list that is sorted from last to first. */
function insertionPoint(ready: readonly Node[], node: Node, order: (a: Node, b: Node) => number): number {
  let low = 0;
  let high = ready.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(ready[middle]!, node) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
