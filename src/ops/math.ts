// Elementwise mathematics of one input.
import type { UnaryCall } from './group.ts';
import type { Op } from './op.ts';
import { unaryOp } from './unary.ts';
import { inputOf } from './view.ts';

const call = (fn: string, ...args: number[]) => (): UnaryCall => ({ fn, args });

export const erf = unaryOp('Erf', call('erf'));
export const exp = unaryOp('Exp', call('exp'));
export const log = unaryOp('Log', call('log'));
export const sqrt = unaryOp('Sqrt', call('sqrt'));
export const abs = unaryOp('Abs', call('abs'));
export const neg = unaryOp('Neg', call('affine', -1, 0));
export const reciprocal = unaryOp('Reciprocal', call('reciprocal', 1));
export const sin = unaryOp('Sin', call('sin'));
export const cos = unaryOp('Cos', call('cos'));

// Steps: a table interpolates between its nodes and would turn each step into a slope, so these stay on the CPU.
export const floor = step('Floor');
export const ceil = step('Ceil');
export const round = step('Round');

function step(type: string): Op {
  return { type, infer: (view) => [inputOf(view, 0)] };
}
