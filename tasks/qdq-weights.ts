import * as z from 'zod';
import { textOf } from '../src/base/bytes.ts';
import { digestOf, type Digest } from '../src/base/digest.ts';
import { defineTask } from '../src/engine/task.ts';
import type { FusedNetwork } from '../src/quant/network.ts';

export const qdqWeights = defineTask({
  name: 'qdq_weights',
  about: 'Writes the weights of the quantised model as standard ONNX: codes as the float tensors have them, and what stays float.',
  options: z.strictObject({
    forms: z.array(z.strictObject({ tensor: z.string(), axis: z.int(), transpose: z.array(z.int()).optional(), dtype: z.enum(['S8', 'S16']) })),
  }),
  inputs: { graph: 'one', network: 'one', codes: 'many' },
  outputs: ['data', 'index'],
  light: true,
  async run(job) {
    const { readGraph } = await import('../src/graph/record.ts');
    const { externalData, externalMin } = await import('../src/onnx/write.ts');
    const { storedWeights, writeIndex } = await import('../src/quant/qdq-weights.ts');
    const { readWeight } = await import('../src/quant/weights.ts');
    const graph = readGraph(job.input('graph'));
    const made = new Map<Digest, Uint8Array>();
    const small: Digest[] = [];
    const { coded, weights, floats } = storedWeights({
      graph,
      network: JSON.parse(textOf(job.input('network'))) as FusedNetwork,
      forms: job.options.forms,
      codes: job.inputs('codes').map(readWeight),
      keep: (bytes) => {
        // Too small for the file: the model itself holds them.
        if (bytes.byteLength < externalMin) small.push(job.keep(bytes));
        const digest = digestOf(bytes);
        made.set(digest, bytes);
        return digest;
      },
    });
    const data = externalData({ ...graph, weights }, (digest) => made.get(digest) ?? job.blob(digest));
    return { data, index: { bytes: writeIndex({ coded, floats }), refs: [...new Set(small)].sort() } };
  },
});
