import * as z from 'zod';
import type { Job } from '../src/engine/task.ts';
import { defineTask } from '../src/engine/task.ts';
import { inputSpec } from './dataset.ts';
import { feedsOf, openedOn, type FloatTensors } from './float-pass.ts';

export const observe = defineTask({
  name: 'observe',
  about: 'One float pass of one image through the network: a sketch of every tensor.',
  options: z.strictObject({ inputs: z.array(inputSpec), runtime: z.record(z.string(), z.union([z.string(), z.number()])) }),
  inputs: { graph: 'one', entries: 'many' },
  outputs: ['sketch'],
  memoryBytes: 300_000_000,
  async run(job) {
    const { sketchOf, writeSketch } = await import('../src/quant/sketch.ts');
    const { openObserver } = await import('../src/onnx/extremes.ts');
    const { graph, opened: observer } = await openedOn(job, 'observer', openObserver);
    const feeds = await feedsOf(graph, job.inputs('entries'), job.options.inputs);
    const { extremes, small } = await observer.run(feeds);
    const tensors = Object.entries({ ...feeds, ...(extremes === undefined ? await allTensors(job, feeds) : small) });
    const left = tensors.filter(([name, tensor]) => tensor.dtype === 'FP32' && extremes?.has(name) !== true);
    const sketch = sketchOf(left.map(([name, { shape, data }]) => ({ name, shape, data: data as Float32Array })));
    return { sketch: writeSketch(new Map([...sketch, ...(extremes ?? [])])) };
  },
});

/** Where something may not be finite, every tensor is looked at: to tell which, and where. */
async function allTensors<Options>(job: Job<Options>, feeds: FloatTensors): Promise<FloatTensors> {
  const { openSession } = await import('../src/onnx/float.ts');
  const { floatsOf } = await import('../src/onnx/extremes.ts');
  const { opened: session } = await openedOn(job, 'float-session', (graph, blobs) => openSession(graph, blobs, { outputs: floatsOf(graph) }));
  return session.run(feeds);
}
