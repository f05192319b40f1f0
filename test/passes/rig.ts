// Runs passes on a small network and compares it with itself before, in ONNX Runtime.
import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.ts';
import { printGraph } from '../../src/graph/print.ts';
import { opOf } from '../../src/ops/index.ts';
import { checkTransformation } from '../../src/passes/check-transformation.ts';
import { optimise } from '../../src/passes/optimise.ts';
import type { Pass } from '../../src/passes/pass.ts';
import { runFloat } from '../../src/passes/run-float.ts';
import { deadCode } from '../../src/passes/dead-code.ts';
import type { Net } from '../ops/net.ts';

/** The graph after `pass` (and dead code) found nothing more to do; fails when its outputs have moved. */
export async function rewrite(pass: Pass, net: Net, graph: Graph): Promise<Graph> {
  const { blobs, keep } = net;
  const { graph: after } = await optimise(graph, { passes: [pass, deadCode], blobs, keep, opOf, runFloat });
  await assertSame(net, graph, after);
  return after;
}

export async function assertSame(net: Net, before: Graph, after: Graph): Promise<void> {
  assert.deepEqual([after.inputs, after.outputs], [before.inputs, before.outputs]);
  await checkTransformation({ pass: 'under test', before, after, seed: 7, tolerance: 1e-5, run: (graph, inputs) => runFloat(graph, net.blobs, inputs) });
}

/** The lines of the nodes: what most tests look at. */
export function nodesOf(graph: Graph): readonly string[] {
  return printGraph(graph, { brief: true }).split('\n').filter((line) => line.includes(' = ')).map((line) => line.trim());
}

export function histogram(graph: Graph): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { op } of graph.nodes) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}
