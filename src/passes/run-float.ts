// Runs a graph in float, by ONNX Runtime: bytes in, bytes out.
import { bytesOf } from '../base/bytes.ts';
import type { Blobs, Graph } from '../graph/graph.ts';
import { openSession, tensorOf } from '../onnx/float.ts';

/** Raw bytes by input name -> raw bytes of the graph's outputs, in their order. */
export type RunFloat = (graph: Graph, blobs: Blobs, inputs: Readonly<Record<string, Uint8Array>>) => Promise<readonly Uint8Array[]>;

export const runFloat: RunFloat = async (graph, blobs, inputs) => {
  const session = await openSession(graph, blobs);
  try {
    const results = await session.run(Object.fromEntries(graph.inputs.map((tensor) => [tensor, tensorOf(graph.types[tensor]!, inputs[tensor]!)])));
    return graph.outputs.map((tensor) => bytesOf(results[tensor]!.data));
  } finally {
    await session.close();
  }
};
