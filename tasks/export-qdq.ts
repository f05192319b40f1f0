import * as z from 'zod';
import { textOf } from '../src/base/bytes.ts';
import { digestOf, type Digest } from '../src/base/digest.ts';
import { defineTask } from '../src/engine/task.ts';
import type { FusedNetwork, ResolvedNetwork } from '../src/quant/network.ts';

/** The file beside quant_qdq.onnx that holds its weights. */
export const qdqWeightsFile = 'quant_qdq.data';

export const exportQdq = defineTask({
  name: 'export_qdq',
  about: 'Writes the quantised model as standard ONNX: float operators between QuantizeLinear and DequantizeLinear.',
  options: z.strictObject({}),
  inputs: { graph: 'one', network: 'one', resolved: 'one', index: 'one' },
  outputs: ['model'],
  light: true,
  async run(job) {
    const { readGraph } = await import('../src/graph/record.ts');
    const { writeOnnx } = await import('../src/onnx/write.ts');
    const { qdqGraph } = await import('../src/quant/export-qdq.ts');
    const { readIndex } = await import('../src/quant/qdq-weights.ts');
    const index = readIndex(job.input('index'));
    const made = new Map<Digest, Uint8Array>();
    const model = qdqGraph({
      graph: readGraph(job.input('graph')),
      network: JSON.parse(textOf(job.input('network'))) as FusedNetwork,
      resolved: JSON.parse(textOf(job.input('resolved'))) as ResolvedNetwork,
      index,
      blobs: (digest) => job.blob(digest),
      keep: (bytes) => {
        const digest = digestOf(bytes);
        made.set(digest, bytes);
        return digest;
      },
    });
    const outside = new Set([...index.coded.map((one) => one.name), ...index.floats]);
    const blobs = (digest: Digest): Uint8Array => made.get(digest) ?? job.blob(digest);
    return { model: writeOnnx(model, blobs, { external: qdqWeightsFile, outside: (name) => outside.has(name) }) };
  },
});
