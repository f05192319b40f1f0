// Runs passes in their order, round after round, until none of them finds anything to do.
import type { Digest } from '../base/digest.ts';
import type { Graph } from '../graph/graph.ts';
import { verify } from '../graph/verify.ts';
import { checkTransformation } from './check-transformation.ts';
import type { Pass, PassContext } from './pass.ts';
import type { RunFloat } from './run-float.ts';

/** One pass that changed the graph. */
export interface Change {
  readonly pass: string;
  readonly nodesBefore: number;
  readonly nodesAfter: number;
  /** Of the transformation check, if there was one: greatest difference as a share of the output's largest magnitude. */
  readonly difference?: number;
}

export interface Optimised {
  readonly graph: Graph;
  readonly changes: readonly Change[];
}

export interface OptimiseOptions extends Pick<PassContext, 'blobs' | 'keep' | 'opOf'> {
  readonly passes: readonly Pass[];
  readonly runFloat: RunFloat;
  /** Compares the graph before and after each change on a random input of this seed. */
  readonly check?: { readonly seed: number; readonly tolerance?: number };
}

/** Every round but the last makes the graph smaller, so this is never reached. */
const roundsMax = 100;

export async function optimise(start: Graph, options: OptimiseOptions): Promise<Optimised> {
  const { passes, runFloat, check } = options;
  const context = contextOf(options);
  const changes: Change[] = [];
  let graph = start;
  for (let round = 0; round < roundsMax; round++) {
    const before = graph;
    for (const pass of passes) {
      const after = await pass.run(graph, context);
      if (after === graph) continue;
      verify(after, pass.name, { typed: true });
      const run = (one: Graph, inputs: Readonly<Record<string, Uint8Array>>) => runFloat(one, context.blobs, inputs);
      const difference = check === undefined ? undefined : await checkTransformation({ pass: pass.name, before: graph, after, run, ...check });
      changes.push({ pass: pass.name, nodesBefore: graph.nodes.length, nodesAfter: after.nodes.length, ...(difference !== undefined && { difference }) });
      graph = after;
    }
    if (graph === before) return { graph, changes };
  }
  throw new Error(`BUG: the passes ${passes.map(({ name }) => name).join(', ')} never come to an end`);
}

/** Passes read weights that earlier passes made; a task can't read back what it has just kept. */
function contextOf({ blobs: outside, keep: keepOutside, opOf, runFloat }: OptimiseOptions): PassContext {
  const made = new Map<Digest, Uint8Array>();
  const blobs = (digest: Digest): Uint8Array => made.get(digest) ?? outside(digest);
  return {
    blobs,
    keep(bytes) {
      const digest = keepOutside(bytes);
      made.set(digest, bytes);
      return digest;
    },
    opOf,
    evaluate: (graph) => runFloat(graph, blobs, {}),
  };
}
