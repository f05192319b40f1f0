// Names in the QDQ model: those that ONNX Runtime's own quantiser gives, which tools look for, and never one that the network has already.
import type { Graph } from '../graph/graph.ts';

/** Gives a name as asked, or with as many '_' behind it as make it new. */
export function nameSpace(taken: Iterable<string>): (wanted: string) => string {
  const names = new Set(taken);
  return (wanted) => {
    let name = wanted;
    while (names.has(name)) name += '_';
    names.add(name);
    return name;
  };
}

export function tensorsOf(graph: Graph): readonly string[] {
  return [...graph.inputs, ...Object.keys(graph.weights), ...graph.nodes.flatMap((node) => node.outputs)];
}
