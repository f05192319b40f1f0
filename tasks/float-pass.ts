// One pass of the float network over calibration entries, with every tensor that a node computes exposed.
import type { FloatTensor, Session } from '../src/onnx/float.ts';
import type { Job } from '../src/engine/task.ts';
import type { Graph } from '../src/graph/graph.ts';
import { modelInput, type InputSpec } from './dataset.ts';

/** The session stays in the worker's memory: it depends on the graph's content alone. */
export async function floatSession<Options>(job: Job<Options>, input: string): Promise<{ graph: Graph; session: Session }> {
  const { openSession } = await import('../src/onnx/float.ts');
  const { readGraph } = await import('../src/graph/record.ts');
  const { digestOf } = await import('../src/base/digest.ts');
  const bytes = job.input(input);
  return job.memo(`float-session ${digestOf(bytes)}`, async () => {
    const graph = readGraph(bytes);
    const computed = graph.nodes.flatMap((node) => node.outputs).filter((tensor) => graph.types[tensor]?.dtype === 'FP32');
    const outputs = [...new Set([...computed, ...graph.outputs])];
    return { graph, session: await openSession(graph, (digest) => job.blob(digest), { outputs }) };
  });
}

/** All float tensors of the network for one batch of entries, by name, runtime inputs included. */
export async function runEntries({ session, graph, entries, inputs }: {
  readonly session: Session;
  readonly graph: Graph;
  readonly entries: readonly Uint8Array[];
  readonly inputs: readonly InputSpec[];
}): Promise<Readonly<Record<string, FloatTensor>>> {
  const { tensorOf } = await import('../src/onnx/float.ts');
  const feeds: Record<string, FloatTensor> = {};
  for (const [i, spec] of inputs.entries()) feeds[spec.tensor] = tensorOf(graph.types[spec.tensor]!, await modelInput(entries[i]!, spec));
  return { ...feeds, ...(await session.run(feeds)) };
}
