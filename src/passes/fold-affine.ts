// What scales and shifts the channels of a linear node's output goes into its weights and bias: BatchNormalization, and Add, Sub, Mul, Div
// by constants, in any number and order. The whole chain is multiplied out in f64 and rounded to f32 once.
//
// Only behind the linear node: before it, padding would see the shift as well.
import { bytesOf, viewAs } from '../base/bytes.ts';
import type { Graph, Node, Weight } from '../graph/graph.ts';
import { addWeights, consumersOf, prune, replaceNodes } from '../graph/rewrite.ts';
import type { NodeView } from '../ops/op.ts';
import { viewsOf } from '../ops/view.ts';
import { affineOf, compose, type Affine } from './affine.ts';
import { linearOf, unchanged, type Linear } from './linear.ts';
import { freshName } from './names.ts';
import type { Pass, PassContext } from './pass.ts';

export const foldAffine: Pass = {
  name: 'fold-affine',
  about: 'Folds BatchNormalization and constant scales and shifts per channel into the Conv, ConvTranspose, Gemm or MatMul before them.',
  run(graph, context) {
    const viewIn = viewsOf(graph, context.blobs);
    const consumers = consumersOf(graph);
    const replacements = new Map<string, readonly Node[]>();
    const weights: Record<string, Weight> = {};
    for (const node of graph.nodes) {
      const linear = linearOf(viewIn(node));
      if (linear === undefined) continue;
      const { followers, affine } = followersOf(graph, { node, linear, consumers, viewIn });
      if (followers.length === 0 && !isUneven(viewIn(node), linear)) continue;
      const folded = fold(graph, { node, linear, affine, output: followers.at(-1)?.outputs[0] ?? node.outputs[0]! }, context);
      Object.assign(weights, folded.weights);
      // In the place of the last one: whatever reads the result comes later, and its own inputs come earlier.
      for (const gone of [node, ...followers]) replacements.set(gone.name, []);
      replacements.set((followers.at(-1) ?? node).name, [folded.node]);
    }
    return replacements.size === 0 ? graph : prune(addWeights(replaceNodes(graph, replacements), weights));
  },
};

interface Head {
  readonly node: Node;
  readonly linear: Linear;
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
  readonly viewIn: (node: Node) => NodeView;
}

/** The affine nodes behind a linear one, each the only reader of the one before, and what they do together. */
function followersOf(graph: Graph, { node, linear, consumers, viewIn }: Head): { followers: readonly Node[]; affine: Affine } {
  const followers: Node[] = [];
  let affine = unchanged(linear.channels.count);
  for (let tensor = node.outputs[0]!; !graph.outputs.includes(tensor); tensor = followers.at(-1)!.outputs[0]!) {
    const [next, ...others] = consumers.get(tensor) ?? [];
    if (next === undefined || others.length > 0 || next.inputs.filter((input) => input === tensor).length > 1) break;
    const step = affineOf(viewIn(next), next.inputs.indexOf(tensor), linear.channels);
    if (step === undefined || (!linear.hasBias && step.offset.some((offset) => offset !== 0))) break;
    affine = compose(affine, step);
    followers.push(next);
  }
  return { followers, affine };
}

/** Whether a Gemm alone has something to fold: alpha, beta, or a bias that isn't one number a column. */
function isUneven(view: NodeView, { own, bias, channels }: Linear): boolean {
  if (own === undefined) return false;
  const stated = view.inputs[2]?.shape ?? [channels.count];
  return own.weight !== 1 || (bias !== undefined && own.bias !== 1) || stated.at(-1) !== channels.count;
}

interface Folding {
  readonly node: Node;
  readonly linear: Linear;
  readonly affine: Affine;
  /** The tensor that the result is called by. */
  readonly output: string;
}

function fold(graph: Graph, { node, linear, affine, output }: Folding, { blobs, keep }: PassContext): { node: Node; weights: Record<string, Weight> } {
  const { own = { weight: 1, bias: 1 }, channels, bias } = linear;
  const old = graph.weights[node.inputs[1]!]!;
  const data = viewAs(Float32Array, blobs(old.digest));
  const scaled = data.map((value, i) => value * own.weight * affine.scale[linear.channelOf(i)]!);
  const weights: Record<string, Weight> = {};
  const weight = freshName(graph, `${output}:weight`);
  weights[weight] = { ...old, digest: keep(bytesOf(scaled)) };
  const inputs = [node.inputs[0]!, weight];
  if (bias !== undefined || affine.offset.some((offset) => offset !== 0)) {
    const shifted = Float32Array.from(affine.offset, (offset, c) => (bias?.[c] ?? 0) * own.bias * affine.scale[c]! + offset);
    const name = freshName(graph, `${output}:bias`);
    weights[name] = { dtype: 'FP32', shape: [channels.count], digest: keep(bytesOf(shifted)) };
    inputs.push(name);
  }
  return { node: { ...node, inputs, outputs: [output], attributes: linear.attributes }, weights };
}
