import * as z from 'zod';
import { defineTask } from '../src/engine/task.ts';

export const load = defineTask({
  name: 'load',
  about: 'Reads an ONNX model as a graph: weights as blobs, older operators upgraded, shapes inferred.',
  options: z.strictObject({ file: z.string(), input_shapes: z.string(), externals: z.array(z.string()) }),
  inputs: { model: 'one', externals: 'many' },
  outputs: ['graph'],
  async run(job) {
    const { readOnnx } = await import('../src/onnx/read.ts');
    const { opOf } = await import('../src/ops/index.ts');
    const { blobsOf, writeGraph } = await import('../src/graph/record.ts');
    const { file, input_shapes: inputShapes, externals } = job.options;
    const files = job.inputs('externals');
    const graph = readOnnx(job.input('model'), {
      file, inputShapes, opOf,
      externals: new Map(externals.map((location, i) => [location, files[i]!])),
      keep: (bytes) => job.keep(bytes),
    });
    job.say(`${graph.nodes.length} nodes`);
    return { graph: { bytes: writeGraph(graph), refs: blobsOf(graph) } };
  },
});
