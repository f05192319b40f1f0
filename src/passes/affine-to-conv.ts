// What scales and shifts channels, and has no linear node before it to go into, becomes a depthwise convolution of one tap: the
// BatchNormalization before a convolution, the normalisation of an input, PReLU's kin. A scale or shift by one number stays: it is a scalar
// function, which fuses.
import { bytesOf } from '../base/bytes.ts';
import type { Node, Weight } from '../graph/graph.ts';
import { addWeights, producersOf, prune, replaceNodes } from '../graph/rewrite.ts';
import { viewsOf } from '../ops/view.ts';
import { affineOf, type Affine } from './affine.ts';
import { freshName } from './names.ts';
import type { Pass } from './pass.ts';

export const affineToConv: Pass = {
  name: 'affine-to-conv',
  about: 'Makes BatchNormalization and constant scales and shifts per channel, where no linear node can take them, a depthwise Conv of one tap.',
  run(graph, { blobs, keep, opOf }) {
    const viewIn = viewsOf(graph, blobs);
    const producers = producersOf(graph);
    const weights: Record<string, Weight> = {};
    const replacements = new Map<string, readonly Node[]>();
    for (const node of graph.nodes) {
      const view = viewIn(node);
      const input = node.inputs.findIndex((tensor) => graph.types[tensor] !== undefined);
      const [x, out] = [node.inputs[input] ?? '', node.outputs[0]!];
      const type = graph.types[x];
      if (type?.dtype !== 'FP32' || type.shape.length !== 4 || type.shape.join() !== graph.types[out]?.shape.join()) continue;
      if (opOf(node.op, node.domain)?.unary?.(view) !== undefined) continue;
      // The next round folds it into the convolution that this one makes.
      if (replacements.has(producers.get(x)?.name ?? '')) continue;
      const channels = type.shape[1]!;
      const affine = affineOf(view, input, { axis: 1, count: channels });
      if (affine === undefined) continue;
      const constant = (role: string, numbers: readonly number[], shape: readonly number[]): string => {
        const name = freshName(graph, `${out}:${role}`);
        weights[name] = { dtype: 'FP32', shape, digest: keep(bytesOf(Float32Array.from(numbers))) };
        return name;
      };
      replacements.set(node.name, [convolution(node, { x, affine, constant, channels })]);
    }
    return replacements.size === 0 ? graph : prune(addWeights(replaceNodes(graph, replacements), weights));
  },
};

interface Making {
  readonly x: string;
  readonly affine: Affine;
  readonly channels: number;
  readonly constant: (role: string, numbers: readonly number[], shape: readonly number[]) => string;
}

function convolution(node: Node, { x, affine: { scale, offset }, constant, channels }: Making): Node {
  const bias = offset.some((value) => value !== 0) ? [constant('bias', offset, [channels])] : [];
  return {
    name: node.name, op: 'Conv', domain: '',
    inputs: [x, constant('weight', scale, [channels, 1, 1, 1]), ...bias], outputs: [node.outputs[0]!],
    attributes: { kernel_shape: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: channels },
  };
}
