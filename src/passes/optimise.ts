// Runs passes in their order, round after round, until none of them finds anything to do.
import type { Graph } from '../graph/graph.ts';
import { verify } from '../graph/verify.ts';
import type { Pass, PassContext } from './pass.ts';

/** One pass that changed the graph. */
export interface Change {
  readonly pass: string;
  readonly nodesBefore: number;
  readonly nodesAfter: number;
}

export interface Optimised {
  readonly graph: Graph;
  readonly changes: readonly Change[];
}

export interface OptimiseOptions extends PassContext {
  readonly passes: readonly Pass[];
  /** Looks at each change, e.g. checkTransformation. */
  readonly onChange?: (change: Change & { readonly before: Graph; readonly after: Graph }) => Promise<void>;
}

/** Each round folds at least one node away or is the last, so this is never reached. */
const roundsMax = 100;

export async function optimise(start: Graph, { passes, onChange, ...context }: OptimiseOptions): Promise<Optimised> {
  const changes: Change[] = [];
  let graph = start;
  for (let round = 0; ; round++) {
    if (round === roundsMax) throw new Error(`BUG: the passes ${passes.map(({ name }) => name).join(', ')} never come to an end`);
    const before = graph;
    for (const pass of passes) {
      const after = await pass.run(graph, context);
      if (after === graph) continue;
      verify(after, pass.name, { typed: true });
      const change = { pass: pass.name, nodesBefore: graph.nodes.length, nodesAfter: after.nodes.length };
      await onChange?.({ ...change, before: graph, after });
      changes.push(change);
      graph = after;
    }
    if (graph === before) return { graph, changes };
  }
}
