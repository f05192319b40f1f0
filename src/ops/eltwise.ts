// Add, Sub, Mul, Div, Pow, Max, Min: with one constant number they are scalar functions; Add, Sub and Mul of anything else are the kind eltwise.
import type { UnaryCall } from './group.ts';
import { within, type Limit } from './limits.ts';
import type { NodeView, Op } from './op.ts';
import { broadcastInputs, sameShape } from './shapes.ts';
import { unaryDraft } from './unary.ts';
import { inputOf, isConstant, misfit } from './view.ts';

interface Arithmetic {
  readonly type: string;
  /** The function of x when the other operand is the number c; c stands first for the second one. */
  right(c: number): UnaryCall | undefined;
  left(c: number): UnaryCall | undefined;
  /** Its name in the kind eltwise, if that has it. */
  readonly op?: string;
}

const affine = (scale: number, offset: number): UnaryCall => ({ fn: 'affine', args: [scale, offset] });
const big = 3.4028234663852886e38;
const atLeast = (c: number): UnaryCall => ({ fn: 'clip', args: [c, big] });
const atMost = (c: number): UnaryCall => ({ fn: 'clip', args: [-big, c] });

export const add = arithmetic({ type: 'Add', right: (c) => affine(1, c), left: (c) => affine(1, c), op: 'add' });
export const sub = arithmetic({ type: 'Sub', right: (c) => affine(1, -c), left: (c) => affine(-1, c), op: 'sub' });
export const mul = arithmetic({ type: 'Mul', right: (c) => affine(c, 0), left: (c) => affine(c, 0), op: 'mul' });
export const div = arithmetic({
  type: 'Div',
  right: (c) => (c === 0 ? undefined : affine(1 / c, 0)),
  left: (c) => ({ fn: 'reciprocal', args: [c] }),
});
export const pow = arithmetic({
  type: 'Pow',
  right: (c) => (c === 1 ? affine(1, 0) : c === 2 ? { fn: 'square', args: [] } : c === 0.5 ? { fn: 'sqrt', args: [] } : { fn: 'pow', args: [c] }),
  left: () => undefined,
});
export const max = arithmetic({ type: 'Max', right: atLeast, left: atLeast });
export const min = arithmetic({ type: 'Min', right: atMost, left: atMost });

function arithmetic({ type, right, left, op }: Arithmetic): Op {
  const unary = (view: NodeView): UnaryCall | undefined => {
    const { inputs } = view;
    if (inputs.length !== 2 || inputs[0]?.dtype !== 'FP32') return undefined;
    const side = isConstant(view, 1) ? 1 : 0;
    // The activation keeps its shape, or the node would also be a broadcast.
    if (!isConstant(view, side) || isConstant(view, 1 - side)) return undefined;
    if (!isSingle(view, side) || !sameShape(inputOf(view, 1 - side).shape, broadcastInputs(view))) return undefined;
    const c = view.constant(side)![0]!;
    return Number.isFinite(c) ? (side === 1 ? right(c) : left(c)) : undefined;
  };
  const scalar: Limit[] = [
    {
      sentence: `${type} must have one activation and one constant number`,
      holds: (view) => unary(view) !== undefined,
    },
  ];
  const ranks: Limit[] = [
    { sentence: `The inputs of ${type} must have the same rank, at most 4`, holds: (view) => unary(view) !== undefined || ranksFit(view) },
  ];
  return {
    type,
    infer(view) {
      const first = inputOf(view, 0);
      if (view.inputs.some((input) => input?.dtype !== first.dtype)) throw misfit(view, 'its inputs have different types');
      return [{ dtype: first.dtype, shape: broadcastInputs(view) }];
    },
    unary,
    ...within(op === undefined ? scalar : ranks, (view) => {
      const call = unary(view);
      return call === undefined ? { kind: 'eltwise', attributes: { op: op! }, activations: [0, 1] } : unaryDraft(view, call);
    }),
  };
}

function isSingle(view: NodeView, i: number): boolean {
  return inputOf(view, i).shape.every((size) => size === 1);
}

function ranksFit(view: NodeView): boolean {
  const ranks = view.inputs.map((type) => type?.shape.length ?? 0);
  return ranks.every((rank) => rank === ranks[0] && rank <= 4);
}
