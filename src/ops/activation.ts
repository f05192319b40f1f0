// Activations: scalar functions a network applies after its linear layers.
import { numberOf, textOf } from './attributes.ts';
import type { UnaryCall } from './group.ts';
import type { NodeView, Op } from './op.ts';
import { unaryOp } from './unary.ts';
import { isConstant } from './view.ts';

const call = (fn: string, ...args: number[]): UnaryCall => ({ fn, args });

/** ONNX's defaults for a bound that is left out: the least and greatest FP32. */
const big = 3.4028234663852886e38;

export const relu = unaryOp('Relu', () => call('relu'));
export const leakyRelu = unaryOp('LeakyRelu', ({ node }) => call('leaky_relu', numberOf(node, 'alpha', 0.01)));
export const sigmoid = unaryOp('Sigmoid', () => call('sigmoid'));
export const hardSigmoid = unaryOp('HardSigmoid', ({ node }) => call('hard_sigmoid', numberOf(node, 'alpha', 0.2), numberOf(node, 'beta', 0.5)));
export const hardSwish = unaryOp('HardSwish', () => call('hard_swish'));
export const tanh = unaryOp('Tanh', () => call('tanh'));
export const elu = unaryOp('Elu', ({ node }) => call('elu', numberOf(node, 'alpha', 1)));
export const selu = unaryOp('Selu', ({ node }) => call('selu', numberOf(node, 'alpha', 1.6732631921768188), numberOf(node, 'gamma', 1.0507010221481323)));
export const softplus = unaryOp('Softplus', () => call('softplus'));
export const softsign = unaryOp('Softsign', () => call('softsign'));
export const mish = unaryOp('Mish', () => call('mish'));
export const gelu = unaryOp('Gelu', ({ node }) => call(textOf(node, 'approximate', 'none') === 'tanh' ? 'gelu_tanh' : 'gelu'));
export const clip: Op = unaryOp('Clip', clipCall, 'The bounds of Clip must be constant');
export const prelu: Op = unaryOp('PRelu', preluCall, 'The slope of PRelu must be one constant number');

function clipCall(view: NodeView): UnaryCall | undefined {
  const bounds = [bound(view, 1, -big), bound(view, 2, big)];
  return bounds.every((value) => value !== undefined) ? call('clip', ...bounds) : undefined;
}

function bound(view: NodeView, input: number, fallback: number): number | undefined {
  if (view.inputs[input] === undefined) return fallback;
  const value = view.constant(input)?.[0];
  // An infinite bound is none.
  return value === undefined ? undefined : Math.min(Math.max(value, -big), big);
}

function preluCall(view: NodeView): UnaryCall | undefined {
  const slope = isConstant(view, 1) ? view.constant(1) : undefined;
  return slope?.length === 1 ? call('leaky_relu', slope[0]!) : undefined;
}
