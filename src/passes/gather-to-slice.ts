// A Gather whose indices are one constant, or constants at even distances, takes a Slice; a single index drops its axis besides.
import type { Node, TensorType, Weight } from '../graph/graph.ts';
import { bytesOfNumbers } from '../graph/numbers.ts';
import { addWeights, prune, replaceNodes } from '../graph/rewrite.ts';
import { numberOf } from '../ops/attributes.ts';
import { axisIn } from '../ops/shapes.ts';
import { isConstant, viewsOf } from '../ops/view.ts';
import type { NodeView } from '../ops/op.ts';
import { freshName } from './names.ts';
import type { Pass } from './pass.ts';

export const gatherToSlice: Pass = {
  name: 'gather-to-slice',
  about: 'Makes Gather with one constant index, or with constant indices at even distances, a Slice (and a Reshape).',
  run(graph, { blobs, keep }) {
    const viewIn = viewsOf(graph, blobs);
    const weights: Record<string, Weight> = {};
    const types: Record<string, TensorType> = {};
    const list = (name: string, numbers: readonly number[]): string => {
      const fresh = freshName(graph, name);
      weights[fresh] = { dtype: 'S64', shape: [numbers.length], digest: keep(bytesOfNumbers(numbers, 'S64')) };
      return fresh;
    };
    const replacements = new Map<string, readonly Node[]>();
    for (const node of graph.nodes) {
      const cut = node.op === 'Gather' && node.domain === '' ? cutOf(viewIn(node)) : undefined;
      if (cut === undefined) continue;
      const [x, out] = [node.inputs[0]!, node.outputs[0]!];
      const { dtype, shape } = graph.types[out]!;
      const sizes = graph.types[x]!.shape.map((size, axis) => (axis === cut.axis ? cut.count : size));
      const dropped = shape.length < sizes.length;
      const slice: Node = {
        name: node.name, op: 'Slice', domain: '', attributes: {},
        inputs: [x, list(`${out}:start`, [cut.start]), list(`${out}:end`, [cut.end]), list(`${out}:axis`, [cut.axis]), list(`${out}:step`, [cut.step])],
        outputs: [dropped ? freshName(graph, `${out}:kept`) : out],
      };
      if (dropped) types[slice.outputs[0]!] = { dtype, shape: sizes };
      replacements.set(node.name, dropped ? [slice, { name: `${node.name}:shape`, op: 'Reshape', domain: '', inputs: [slice.outputs[0]!, list(`${out}:shape`, shape)], outputs: [out], attributes: { allowzero: 1 } }] : [slice]);
    }
    if (replacements.size === 0) return graph;
    const replaced = addWeights(replaceNodes(graph, replacements), weights);
    return prune({ ...replaced, types: { ...replaced.types, ...types } });
  },
};

interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly count: number;
}

function cutOf(view: NodeView): Cut | undefined {
  const [x, indices] = view.inputs;
  if (x === undefined || indices === undefined || isConstant(view, 0) || !isConstant(view, 1) || indices.shape.length > 1) return undefined;
  const axis = axisIn(view, numberOf(view.node, 'axis', 0), x.shape.length);
  const size = x.shape[axis]!;
  const places = view.constant(1)!.map((index) => (index < 0 ? index + size : index));
  const [start, next] = places;
  if (start === undefined) return undefined;
  const step = next === undefined ? 1 : next - start;
  if (step === 0 || places.some((place, i) => place !== start + i * step)) return undefined;
  const end = start + places.length * step;
  // An end before the first element: counted from the back, further than the axis is long.
  return { axis, start, end: end < 0 ? -(size + 1) : end, step, count: places.length };
}
