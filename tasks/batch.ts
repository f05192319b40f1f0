import * as z from 'zod';
import { defineTask } from '../src/engine/task.ts';

export const batch = defineTask({
  name: 'batch',
  about: 'The optimised network on several samples at once.',
  options: z.strictObject({ batch: z.int(), fix: z.boolean() }),
  inputs: { graph: 'one' },
  outputs: ['graph'],
  light: true,
  async run(job) {
    const { batched } = await import('../src/graph/batch.ts');
    const { blobsOf, readGraph, writeGraph } = await import('../src/graph/record.ts');
    const { opOf } = await import('../src/ops/index.ts');
    const graph = batched(readGraph(job.input('graph')), { ...job.options, opOf, blobs: (digest) => job.blob(digest), keep: (bytes) => job.keep(bytes) });
    return { graph: { bytes: writeGraph(graph), refs: blobsOf(graph) } };
  },
});
