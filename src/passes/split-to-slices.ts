// A group of the NPU has one output, so a Split becomes one Slice for each part that is read.
import type { Graph, Node, Weight } from '../graph/graph.ts';
import { bytesOfNumbers } from '../graph/numbers.ts';
import { addWeights, consumersOf, prune, replaceNodes } from '../graph/rewrite.ts';
import { numberOf } from '../ops/attributes.ts';
import { axisIn } from '../ops/shapes.ts';
import { viewsOf } from '../ops/view.ts';
import { freshName } from './names.ts';
import type { Pass, PassContext } from './pass.ts';

export const splitToSlices: Pass = {
  name: 'split-to-slices',
  about: 'Makes Split one Slice for each part that is read.',
  run(graph, context) {
    const readers = consumersOf(graph);
    const weights: Record<string, Weight> = {};
    const list = (name: string, number: number): string => {
      const fresh = freshName(graph, name);
      weights[fresh] = { dtype: 'S64', shape: [1], digest: context.keep(bytesOfNumbers([number], 'S64')) };
      return fresh;
    };
    const replacements = new Map<string, readonly Node[]>();
    for (const split of graph.nodes.filter(({ op, domain }) => op === 'Split' && domain === '')) {
      const { axis, parts } = partsOf(graph, split, context);
      const slices = parts.filter(({ tensor }) => readers.has(tensor) || graph.outputs.includes(tensor)).map(({ tensor, start, end }, i): Node => ({
        name: i === 0 ? split.name : `${split.name}:${tensor}`,
        op: 'Slice', domain: '', outputs: [tensor], attributes: {},
        inputs: [split.inputs[0]!, list(`${tensor}:start`, start), list(`${tensor}:end`, end), list(`${tensor}:axis`, axis)],
      }));
      replacements.set(split.name, slices);
    }
    return replacements.size === 0 ? graph : prune(addWeights(replaceNodes(graph, replacements), weights));
  },
};

interface Part {
  readonly tensor: string;
  readonly start: number;
  readonly end: number;
}

function partsOf(graph: Graph, split: Node, { blobs, opOf }: PassContext): { axis: number; parts: readonly Part[] } {
  const view = viewsOf(graph, blobs)(split);
  const types = opOf(split.op)!.infer(view);
  const axis = axisIn(view, numberOf(split, 'axis', 0), types[0]!.shape.length);
  let start = 0;
  const parts = split.outputs.map((tensor, i) => {
    const from = start;
    start += types[i]!.shape[axis]!;
    return { tensor, start: from, end: start };
  });
  return { axis, parts };
}
