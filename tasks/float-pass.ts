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

/** Runtime inputs by name, from one entry each, or more: every input's, sample after sample. */
export async function feedsOf(graph: Graph, entries: readonly Uint8Array[], inputs: readonly InputSpec[]): Promise<FloatTensors> {
  const { tensorOf } = await import('../src/onnx/float.ts');
  const feeds: Record<string, FloatTensor> = {};
  for (const [i, spec] of inputs.entries()) {
    const type = graph.types[spec.tensor]!;
    const own = entries.filter((_, at) => at % inputs.length === i);
    const parts = await Promise.all(own.map(async (entry) => tensorOf({ ...type, shape: spec.shape }, await modelInput(entry, spec))));
    feeds[spec.tensor] = spread(parts, type.shape);
  }
  return feeds;
}

/** Tensors of one shape, laid over a larger or smaller one: one sample after the other, each repeated like tiles where it is too small. */
function spread(parts: readonly FloatTensor[], shape: readonly number[]): FloatTensor {
  const [first] = parts;
  if (first === undefined) throw new Error('BUG: no calibration sample');
  if (parts.length === 1 && first.shape.every((size, axis) => size === shape[axis])) return first;
  const [samples = 1, ...inner] = shape;
  const from = first.shape;
  const strides = from.map((_, axis) => from.slice(axis + 1).reduce((product, size) => product * size, 1));
  const count = inner.reduce((product, size) => product * size, 1);
  const offsets = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    for (let axis = inner.length, rest = i; axis >= 1; axis--) {
      const size = inner[axis - 1]!;
      offsets[i]! += ((rest % size) % from[axis]!) * strides[axis]!;
      rest = Math.floor(rest / size);
    }
  }
  // The same kind of array: a typed array's constructor takes a length.
  const data = new (first.data.constructor as new (length: number) => FloatTensor['data'])(samples * count);
  const own = from[0] ?? 1;
  for (let n = 0; n < samples; n++) {
    const part = parts[Math.floor(n / own) % parts.length]!.data;
    const start = (n % own) * (strides[0] ?? 1);
    for (let i = 0; i < count; i++) data[n * count + i] = part[start + offsets[i]!]!;
  }
  return { dtype: first.dtype, shape, data };
}
