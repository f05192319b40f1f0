import { z } from 'zod';
import { byCodeUnit, canonical } from '../src/base/canonical.ts';
import { utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';

export const optimise = defineTask({
  name: 'optimise',
  about: 'Simplifies the float graph: folds constants, normalisation and affine chains, recognises patterns.',
  options: z.strictObject({
    /** False leaves the graph alone, constants that shapes depend on excepted. */
    enabled: z.boolean(),
    /** Compare the graph before and after each pass on a random input. */
    check: z.boolean(),
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
    const { graph, changes } = await rewrite(readGraph(job.input('graph')), {
      passes: enabled ? passes : passes.filter((pass) => pass.name === 'dead-code' || pass.name === 'fold-constants'),
      blobs: (digest) => job.blob(digest),
      keep: (bytes) => job.keep(bytes),
      opOf: (type, domain = '') => opOf(type, domain),
      runFloat,
      ...(check && { check: { seed: 1 } }),
    });
    for (const { pass, nodesBefore, nodesAfter } of changes) job.say(`${pass}: ${nodesBefore} -> ${nodesAfter} nodes`);
    const operators = [...new Set(graph.nodes.map((node) => node.op))].sort(byCodeUnit);
    return {
      graph: { bytes: writeGraph(graph), refs: blobsOf(graph) },
      // Counts, not differences: those depend on the machine's float units.
      report: utf8(canonical({ operators, nodes: graph.nodes.length })),
    };
  },
});
