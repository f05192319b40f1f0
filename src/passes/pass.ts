// What a pass must answer: a pure rewrite of the float graph that keeps its meaning.
import type { Blobs, Graph, Keep } from '../graph/graph.ts';
import type { Op } from '../ops/op.ts';

export interface PassContext {
  readonly blobs: Blobs;
  readonly keep: Keep;
  readonly opOf: (type: string, domain?: string) => Op | undefined;
  /** Computes a graph that has no inputs, in float: the raw bytes of each of its outputs, in their order. */
  readonly evaluate: (graph: Graph) => Promise<readonly Uint8Array[]>;
}

export interface Pass {
  readonly name: string;
  readonly about: string;
  /** Runs even where the user has switched optimisation off: without it shapes stay unknown. */
  readonly always?: boolean;
  /**
   * The rewritten graph, every tensor of it typed; the graph itself, the same object, where there is nothing to do. What is made of several
   * nodes keeps the name of the first and the output tensor of the last, so that the names in the result are the user's.
   */
  run(graph: Graph, context: PassContext): Graph | Promise<Graph>;
}
