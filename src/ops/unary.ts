// Operators that are a scalar function of one activation: they keep its shape, fuse behind a producer, or form a group of their own.
import type { UnaryCall } from './group.ts';
import { functionOf } from './functions.ts';
import { within, type Limit } from './limits.ts';
import type { Draft, NodeView, Op } from './op.ts';
import { inputOf, isConstant } from './view.ts';

/** An operator of one input. `call` may say undefined for attributes the table of functions doesn't cover, which `limit` puts into words. */
export function unaryOp(type: string, call: (view: NodeView) => UnaryCall | undefined, limit?: string): Op {
  const unary = (view: NodeView): UnaryCall | undefined => (inputOf(view, 0).dtype === 'FP32' && !isConstant(view, 0) ? call(view) : undefined);
  const covered: Limit[] = limit === undefined ? [] : [{ sentence: limit, holds: (view) => call(view) !== undefined }];
  return {
    type,
    infer: (view) => [inputOf(view, 0)],
    unary,
    ...within(covered, (view) => unaryDraft(view, call(view)!)),
  };
}

/** The group of a function that has no producer to fuse with. */
export function unaryDraft(view: NodeView, { fn }: UnaryCall): Draft {
  const { range } = functionOf(fn);
  return {
    kind: 'unary',
    attributes: {},
    activations: [Math.max(0, view.inputs.findIndex((type, i) => type !== undefined && !isConstant(view, i)))],
    ...(range !== undefined && { range }),
  };
}
