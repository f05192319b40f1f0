import * as z from 'zod';
import { byCodeUnit, canonical } from '../src/base/canonical.ts';
import { utf8 } from '../src/base/bytes.ts';
import type { Digest } from '../src/base/digest.ts';
import type { Graph } from '../src/graph/graph.ts';
import { defineTask } from '../src/engine/task.ts';

export const optimise = defineTask({
  name: 'optimise',
  about: 'Simplifies the float graph: folds constants, normalisation and affine chains, recognises patterns.',
  options: z.strictObject({
    /** False leaves the graph alone, constants that shapes depend on excepted. */
    enabled: z.boolean(),
    /** Compare the graph before and after each pass, or only as a whole, on a random input. */
    check: z.enum(['none', 'whole', 'passes']),
    runtime: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
  inputs: { graph: 'one' },
  outputs: ['graph', 'report'],
  async run(job) {
    const { optimise: rewrite } = await import('../src/passes/optimise.ts');
    const { passes } = await import('../src/passes/index.ts');
    const { runFloat } = await import('../src/passes/run-float.ts');
    const { opOf } = await import('../src/ops/index.ts');
    const { blobsOf, readGraph, writeGraph } = await import('../src/graph/record.ts');
    const { enabled, check } = job.options;
    const kept = new Map<Digest, Uint8Array>();
    const blobs = (digest: Digest): Uint8Array => kept.get(digest) ?? job.blob(digest);
    const before = readGraph(job.input('graph'));
    const { graph, changes } = await rewrite(before, {
      passes: enabled ? passes : passes.filter((pass) => pass.always === true),
      blobs,
      keep: (bytes) => {
        const digest = job.keep(bytes);
        kept.set(digest, bytes);
        return digest;
      },
      opOf: (type, domain = '') => opOf(type, domain),
      runFloat,
      ...(check === 'passes' && { check: { seed: 1 } }),
    });
    if (check !== 'none') {
      const { checkTransformation } = await import('../src/passes/check-transformation.ts');
      const made = (one: Graph, inputs: Readonly<Record<string, Uint8Array>>) => runFloat(one, blobs, inputs);
      await checkTransformation({ pass: 'all passes', before, after: graph, run: made, seed: 2 });
    }
    for (const { pass, nodesBefore, nodesAfter } of changes) job.say(`${pass}: ${nodesBefore} -> ${nodesAfter} nodes`);
    const operators = [...new Set(graph.nodes.map((node) => node.op))].sort(byCodeUnit);
    return {
      graph: { bytes: writeGraph(graph), refs: blobsOf(graph) },
      // Counts, not differences: those depend on the machine's float units.
      report: utf8(canonical({ operators, nodes: graph.nodes.length })),
    };
  },
});
