import * as z from 'zod';
import { defineTask } from '../src/engine/task.ts';
import { inputSpec } from './dataset.ts';
import { floatSession, runEntries } from './float-pass.ts';

export const observe = defineTask({
  name: 'observe',
  about: 'One float pass of one image through the network: a sketch of every tensor.',
  options: z.strictObject({ inputs: z.array(inputSpec), runtime: z.record(z.string(), z.union([z.string(), z.number()])) }),
  inputs: { graph: 'one', entries: 'many' },
  outputs: ['sketch'],
  memoryBytes: 300_000_000,
  async run(job) {
    const { sketchOf, writeSketch } = await import('../src/quant/sketch.ts');
    const { graph, session } = await floatSession(job, 'graph');
    const tensors = await runEntries({ session, graph, entries: job.inputs('entries'), inputs: job.options.inputs });
    const floats = Object.entries(tensors).filter(([, tensor]) => tensor.dtype === 'FP32');
    return { sketch: writeSketch(sketchOf(floats.map(([name, { shape, data }]) => ({ name, shape, data: data as Float32Array })))) };
  },
});
