import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { Graph } from '../src/graph/graph.ts';

export const fuse = defineTask({
  name: 'fuse',
  about: 'Forms groups: each operator with the unary chain behind it, and what must run on the CPU.',
  options: z.strictObject({
    /** Kinds of groups behind which unary functions are fused. */
    fusing: z.array(z.string()),
    /** ONNX operator types of this network that the target lacks. */
    unsupported: z.array(z.string()),
    inputs: z.array(z.strictObject({ tensor: z.string(), dtype: z.enum(['U8', 'FP32']), layout: z.enum(['NHWC', 'NCHW']) })),
  }),
  inputs: { graph: 'one' },
  outputs: ['network'],
  light: true,
  async run(job) {
    const { fuse: fuseGraph } = await import('../src/quant/fuse.ts');
    const { opOf } = await import('../src/ops/index.ts');
    const { fusing, unsupported, inputs } = job.options;
    const graph = JSON.parse(textOf(job.input('graph'))) as Graph;
    const network = fuseGraph(graph, {
      opOf,
      fusesChain: (kind) => fusing.includes(kind),
      blobs: (digest) => job.blob(digest),
      unsupported,
      inputs,
    });
    job.say(`${network.groups.length} groups, ${network.groups.filter((group) => group.kind === 'cpu').length} of them on the CPU`);
    return { network: utf8(canonical(network as never)) };
  },
});
