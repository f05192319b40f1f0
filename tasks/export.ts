import * as z from 'zod';
import { textOf } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { FusedNetwork } from '../src/quant/network.ts';

/** The file beside quant_axmodel.onnx that holds its weights. */
export const weightsFile = 'quant_axmodel.data';

export const exportFloat = defineTask({
  name: 'export',
  about: 'Writes what follows from the float network alone: optimized.onnx, the front-end graph, float weights of the quantised model.',
  options: z.strictObject({ dump_frontend_graph: z.boolean() }),
  inputs: { graph: 'one', network: 'one' },
  outputs: ['optimized', 'frontend', 'weights'],
  async run(job) {
    const { readGraph } = await import('../src/graph/record.ts');
    const { externalData, writeOnnx } = await import('../src/onnx/write.ts');
    const { frontendGraph } = await import('../src/quant/export.ts');
    const graph = readGraph(job.input('graph'));
    const network = JSON.parse(textOf(job.input('network'))) as FusedNetwork;
    const blobs = (digest: Parameters<typeof job.blob>[0]): Uint8Array => job.blob(digest);
    const frontend = frontendGraph(graph, network);
    return {
      optimized: writeOnnx(graph, blobs),
      frontend: job.options.dump_frontend_graph ? writeOnnx(frontend, blobs) : new Uint8Array(),
      // The weights of the quantised graph are the front end's: types and scales change none of them.
      weights: externalData(frontend, blobs),
    };
  },
});
