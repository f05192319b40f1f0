// Constants of the model that stand where an activation may: each becomes a group of its own, which gives their codes.
import type { Blobs, Graph } from '../graph/graph.ts';
import { viewAs } from '../base/bytes.ts';
import type { FusedEdge, FusedGroup } from './network.ts';

export interface Constant {
  readonly tensor: string;
  /** What its numbers cover. */
  readonly range: readonly [number, number];
}

/** Those of the tensors that are constants. */
export function constantsOf(graph: Graph, tensors: readonly string[], blobs: Blobs): readonly Constant[] {
  return [...new Set(tensors)].flatMap((tensor) => {
    const weight = Object.hasOwn(graph.weights, tensor) ? graph.weights[tensor] : undefined;
    if (weight === undefined) return [];
    const numbers = viewAs(Float32Array, blobs(weight.digest));
    return [{ tensor, range: [numbers.reduce((a, b) => Math.min(a, b), 0), numbers.reduce((a, b) => Math.max(a, b), 0)] }];
  });
}

export function constantGroup({ tensor, range }: Constant, edge: FusedEdge): Omit<FusedGroup, 'alias'> {
  return {
    name: `${tensor}:constant`, kind: 'constant', nodes: [], inner: [], draft: { kind: 'constant', attributes: {}, activations: [], range }, chain: [],
    inputs: [], outputs: [edge.name], weights: {}, floats: { value: tensor },
  };
}
