// Nodes that scale and shift each channel by constants: BatchNormalization, and Add, Sub, Mul, Div by a constant.
import { numberOf } from '../ops/attributes.ts';
import type { NodeView } from '../ops/op.ts';

/** y = x * scale[c] + offset[c], in f64; one number a channel. */
export interface Affine {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/** Where the channels of the tensor are. */
export interface Channels {
  readonly axis: number;
  readonly count: number;
}

/** What `view`'s node does to the channels of its input number `input`; undefined when that is no constant scale and shift. */
export function affineOf(view: NodeView, input: number, channels: Channels): Affine | undefined {
  const rules = view.node.domain === '' ? affineRules[view.node.op] : undefined;
  return rules?.(view, input, channels);
}

/** First `inner`, then `outer`. */
export function compose(inner: Affine, outer: Affine): Affine {
  return {
    scale: inner.scale.map((scale, c) => scale * outer.scale[c]!),
    offset: inner.offset.map((offset, c) => offset * outer.scale[c]! + outer.offset[c]!),
  };
}

type Rule = (view: NodeView, input: number, channels: Channels) => Affine | undefined;

/** Scale and offset of x when the other operand is c. */
type Pair = (c: number) => readonly [number, number];

const affineRules: Readonly<Record<string, Rule>> = {
  Add: byConstant({ first: (c) => [1, c], second: (c) => [1, c] }),
  Sub: byConstant({ first: (c) => [1, -c], second: (c) => [-1, c] }),
  Mul: byConstant({ first: (c) => [c, 0], second: (c) => [c, 0] }),
  Div: byConstant({ first: (c) => [1 / c, 0] }),
  BatchNormalization: normalisation,
};

/** `first` when x is the first operand. */
function byConstant({ first, second }: { first: Pair; second?: Pair }): Rule {
  return (view, input, channels) => {
    const pair = input === 0 ? first : second;
    const constants = pair === undefined ? undefined : perChannel(view, 1 - input, channels);
    if (pair === undefined || constants === undefined) return undefined;
    const pairs = constants.map(pair);
    const all = { scale: pairs.map(([scale]) => scale), offset: pairs.map(([, offset]) => offset) };
    return [...all.scale, ...all.offset].every(Number.isFinite) ? all : undefined;
  };
}

/** One constant a channel from input i, if it varies along no other axis and doesn't enlarge the tensor. */
function perChannel(view: NodeView, i: number, { axis, count }: Channels): readonly number[] | undefined {
  const rank = view.inputs[1 - i]?.shape.length ?? 0;
  const shape = view.inputs[i]?.shape;
  if (shape === undefined || shape.length > rank) return undefined;
  const onlyChannels = shape.every((size, at) => size === 1 || (at + rank - shape.length === axis && size === count));
  const constants = onlyChannels ? view.constant(i) : undefined;
  return constants?.length === 1 ? Array.from({ length: count }, () => constants[0]!) : constants;
}

function normalisation(view: NodeView, input: number, { count }: Channels): Affine | undefined {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => view.constant(i));
  const outputs = view.node.outputs.filter((name) => name !== '').length;
  if (input !== 0 || outputs !== 1 || gamma?.length !== count || beta === undefined || mean === undefined || variance === undefined) return undefined;
  const epsilon = numberOf(view.node, 'epsilon', 1e-5);
  const scale = gamma.map((value, c) => value / Math.sqrt(variance[c]! + epsilon));
  return { scale, offset: beta.map((value, c) => value - mean[c]! * scale[c]!) };
}
