import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { bytesOf, textOf, utf8 } from '../src/base/bytes.ts';
import type { Digest } from '../src/base/digest.ts';
import { defineTask } from '../src/engine/task.ts';
import type { FusedNetwork } from '../src/quant/network.ts';
import { arrivalSpec, inputSpec, runtimeInput } from './dataset.ts';
import { feedsOf } from './float-pass.ts';

export const sample = defineTask({
  name: 'sample',
  about: 'One float pass that keeps the tensor on every edge: the data that checks run on.',
  options: z.strictObject({
    inputs: z.array(inputSpec),
    arrivals: z.array(arrivalSpec),
    runtime: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
  inputs: { graph: 'one', network: 'one', entries: 'many' },
  outputs: ['tensors'],
  memoryBytes: 400_000_000,
  async run(job) {
    const { inputs, arrivals } = job.options;
    const network = JSON.parse(textOf(job.input('network'))) as FusedNetwork;
    const { openSession } = await import('../src/onnx/float.ts');
    const { readGraph } = await import('../src/graph/record.ts');
    const graph = readGraph(job.input('graph'));
    const feeds = await feedsOf(graph, job.inputs('entries'), inputs);
    const outputs = [...new Set(network.edges.map((edge) => edge.tensor))].filter((tensor) => feeds[tensor] === undefined && graph.weights[tensor] === undefined);
    const session = await openSession(graph, (digest) => job.blob(digest), { outputs });
    const tensors = { ...feeds, ...(await session.run(feeds)) };
    await session.close();
    const kept: Record<string, Digest> = {};
    for (const edge of network.edges) {
      const i = edge.role === 'input' ? inputs.findIndex((input) => input.tensor === edge.tensor) : -1;
      const constant = graph.weights[edge.tensor];
      const bytes = constant === undefined ? bytesOf(tensors[edge.tensor]!.data) : job.blob(constant.digest);
      kept[edge.name] = job.keep(i < 0 ? bytes : runtimeInput(bytes, { ...inputs[i]!, shape: [...graph.types[edge.tensor]!.shape] }, arrivals[i]!));
    }
    return { tensors: { bytes: utf8(canonical(kept)), refs: [...new Set(Object.values(kept))].sort() } };
  },
});
