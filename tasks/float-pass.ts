// What float jobs share: a session on the network that stays in the worker's memory, and what it is fed.
import type { FloatTensor } from '../src/onnx/float.ts';
import type { Job } from '../src/engine/task.ts';
import type { Blobs, Graph } from '../src/graph/graph.ts';
import { modelInput, type InputSpec } from './dataset.ts';

export type FloatTensors = Readonly<Record<string, FloatTensor>>;

/** The graph, and something opened on it that stays in the worker's memory: it depends on the graph's content alone. `what` names it. */
export async function openedOn<Options, T>(job: Job<Options>, what: string, open: (graph: Graph, blobs: Blobs) => Promise<T>): Promise<{ graph: Graph; opened: T }> {
  const { readGraph } = await import('../src/graph/record.ts');
  const { digestOf } = await import('../src/base/digest.ts');
  const bytes = job.input('graph');
  return job.memo(`${what} ${digestOf(bytes)}`, async () => {
    const graph = readGraph(bytes);
    return { graph, opened: await open(graph, (digest) => job.blob(digest)) };
  });
}

/** Runtime inputs by name, from one entry each. */
export async function feedsOf(graph: Graph, entries: readonly Uint8Array[], inputs: readonly InputSpec[]): Promise<FloatTensors> {
  const { tensorOf } = await import('../src/onnx/float.ts');
  const feeds: Record<string, FloatTensor> = {};
  for (const [i, spec] of inputs.entries()) feeds[spec.tensor] = tensorOf(graph.types[spec.tensor]!, await modelInput(entries[i]!, spec));
  return feeds;
}
