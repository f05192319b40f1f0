// A graph as an artifact: canonical JSON, and the blobs it names.
import { canonical, byCodeUnit, type Json } from '../base/canonical.ts';
import { textOf, utf8 } from '../base/bytes.ts';
import type { Digest } from '../base/digest.ts';
import type { Attribute, Graph, Weight } from './graph.ts';

export function writeGraph(graph: Graph): Uint8Array {
  // A Graph is a record of plain data by construction, which its interfaces can't say.
  return utf8(canonical(graph as unknown as Json));
}

/** Reads what writeGraph wrote. The store vouches for its bytes; a model from a user goes through onnx/read. */
export function readGraph(bytes: Uint8Array): Graph {
  return JSON.parse(textOf(bytes)) as Graph;
}

/** Digests of every blob the graph names, each once, in code-unit order: the refs of its artifact. */
export function blobsOf(graph: Graph): readonly Digest[] {
  const digests = new Set<Digest>(Object.values(graph.weights).map((weight) => weight.digest));
  for (const node of graph.nodes) {
    for (const attribute of Object.values(node.attributes)) if (isTensor(attribute)) digests.add(attribute.tensor.digest);
  }
  return [...digests].sort(byCodeUnit);
}

export function isTensor(attribute: Attribute): attribute is { readonly tensor: Weight } {
  return typeof attribute === 'object' && 'tensor' in attribute;
}
