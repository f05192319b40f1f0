// Nodes whose output channels are sums of products with constant weights, plus a bias: where their channels and weights are.
import { numberOf } from '../ops/attributes.ts';
import type { NodeView } from '../ops/op.ts';
import { isConstant } from '../ops/view.ts';
import type { Affine, Channels } from './affine.ts';

export interface Linear {
  readonly channels: Channels;
  /** Output channel of element i of the weight (input 1). */
  channelOf(i: number): number;
  /** Whether it can have a bias, input 2. */
  readonly hasBias: boolean;
  /** One number a channel; absent for none. */
  readonly bias?: readonly number[];
  /** A scale of weights and bias that the node's own attributes hold (Gemm's alpha and beta). */
  readonly own?: { readonly weight: number; readonly bias: number };
  /** Attributes once weights and bias are plain. */
  readonly attributes: NodeView['node']['attributes'];
}

/** How `view`'s node is linear; undefined for other nodes, and for weights or biases that aren't FP32 constants. */
export function linearOf(view: NodeView): Linear | undefined {
  if (view.node.domain !== '' || view.inputs[1]?.dtype !== 'FP32' || !isConstant(view, 1)) return undefined;
  if (view.inputs[2] !== undefined && !isConstant(view, 2)) return undefined;
  return linears[view.node.op]?.(view, view.inputs[1].shape);
}

/** Nothing happens to any channel. */
export function unchanged(count: number): Affine {
  return { scale: Array.from({ length: count }, () => 1), offset: Array.from({ length: count }, () => 0) };
}

type Rule = (view: NodeView, weight: readonly number[]) => Linear | undefined;

const linears: Readonly<Record<string, Rule>> = {
  Conv(view, weight) {
    const [count, ...inner] = weight;
    const size = inner.reduce((a, b) => a * b, 1);
    return { ...plain(view), channels: { axis: 1, count: count! }, channelOf: (i) => Math.floor(i / size) };
  },
  ConvTranspose(view, [inputs, perGroup, ...kernel]) {
    const groups = numberOf(view.node, 'group', 1);
    const size = kernel.reduce((a, b) => a * b, 1);
    const inputsPerGroup = inputs! / groups;
    return {
      ...plain(view),
      channels: { axis: 1, count: perGroup! * groups },
      channelOf(i) {
        const group = Math.floor(i / (size * perGroup! * inputsPerGroup));
        return group * perGroup! + (Math.floor(i / size) % perGroup!);
      },
    };
  },
  Gemm(view, [first, second]) {
    const turned = numberOf(view.node, 'transB', 0) !== 0;
    const count = turned ? first! : second!;
    const bias = view.inputs[2] === undefined ? undefined : rowOf(view, count);
    if (view.inputs[2] !== undefined && bias === undefined) return undefined;
    return {
      hasBias: true,
      ...(bias !== undefined && { bias }),
      channels: { axis: 1, count },
      channelOf: turned ? (i) => Math.floor(i / second!) : (i) => i % count,
      own: { weight: numberOf(view.node, 'alpha', 1), bias: numberOf(view.node, 'beta', 1) },
      attributes: { ...view.node.attributes, alpha: 1, beta: 1 },
    };
  },
  MatMul(view, weight) {
    const rank = view.inputs[0]?.shape.length ?? 0;
    if (weight.length !== 2 || rank < 2) return undefined;
    return { hasBias: false, attributes: view.node.attributes, channels: { axis: rank - 1, count: weight[1]! }, channelOf: (i) => i % weight[1]! };
  },
};

function plain(view: NodeView): Pick<Linear, 'hasBias' | 'bias' | 'attributes'> {
  const bias = view.constant(2);
  return { hasBias: true, attributes: view.node.attributes, ...(bias !== undefined && { bias }) };
}

/** Gemm's third input as one number a column, if it is the same for every row. */
function rowOf(view: NodeView, count: number): readonly number[] | undefined {
  const shape = view.inputs[2]!.shape;
  const numbers = view.constant(2)!;
  if (numbers.length === 1) return Array.from({ length: count }, () => numbers[0]!);
  return numbers.length === count && shape.at(-1) === count ? numbers : undefined;
}
