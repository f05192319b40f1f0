// Gemm and MatMul. Two activations are the kind matmul. With a constant right side both are the kind conv with a 1x1 kernel: the activation's leading axes are rows, its last
// axis is channels (edges that aren't of rank 4 are stored row-major, so channels are contiguous), and the constant [K, N] becomes
// weights [O = N, I = K, 1, 1].
import { elements } from '../base/dtype.ts';
import { numberOf } from './attributes.ts';
import { within, type Limit } from './limits.ts';
import type { Draft, NodeView, Op } from './op.ts';
import { broadcast, sameShape } from './shapes.ts';
import { inputOf, isConstant, misfit } from './view.ts';

const constant: Limit = { sentence: 'The right side of a matrix product must be a constant of rank 2', holds: (view) => isConstant(view, 1) && inputOf(view, 1).shape.length === 2 };

export const matMul: Op = {
  type: 'MatMul',
  infer(view) {
    const [a, b] = [inputOf(view, 0), inputOf(view, 1)];
    if (a.shape.length === 0 || b.shape.length === 0) throw misfit(view, 'a matrix product needs a rank of at least 1 on both sides');
    const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
    const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
    if (left.at(-1) !== right.at(-2)) throw misfit(view, `the left side has ${left.at(-1)} columns, the right side ${right.at(-2)} rows`);
    const batch = broadcast([left.slice(0, -2), right.slice(0, -2)]);
    if (batch === undefined) throw misfit(view, 'the leading axes do not broadcast');
    const shape = [...batch, ...(a.shape.length === 1 ? [] : [left.at(-2)!]), ...(b.shape.length === 1 ? [] : [right.at(-1)!])];
    return [{ dtype: a.dtype, shape }];
  },
  ...within(
    [
      // A rank-4 tensor keeps its axis 1 together in memory, not its last one; passes/three-axes.ts makes such products three-dimensional.
      { sentence: 'The left side of a product with a constant matrix must have rank 2, 3 or 5', holds: (view) => !isLinear(view) || [2, 3, 5].includes(inputOf(view, 0).shape.length) },
      {
        sentence: 'The sides of a product of two activations must have rank 2 or 3 and the same leading axes',
        holds: (view) => isLinear(view) || ([2, 3].includes(inputOf(view, 0).shape.length) && sameShape(inputOf(view, 0).shape.slice(0, -2), inputOf(view, 1).shape.slice(0, -2)) && inputOf(view, 0).shape.length === inputOf(view, 1).shape.length),
      },
    ],
    (view) => (isLinear(view) ? product(view, false) : { kind: 'matmul', attributes: {}, activations: [0, 1] }),
  ),
};

export const gemm: Op = {
  type: 'Gemm',
  infer(view) {
    const [a, b] = [inputOf(view, 0), inputOf(view, 1)];
    if (a.shape.length !== 2 || b.shape.length !== 2) throw misfit(view, 'Gemm multiplies matrices of rank 2');
    const [m, k] = turned(a.shape, view, 'transA');
    const [rows, n] = turned(b.shape, view, 'transB');
    if (k !== rows) throw misfit(view, `the left side has ${k} columns, the right side ${rows} rows`);
    const c = view.inputs[2];
    if (c !== undefined && broadcast([c.shape, [m, n]])?.join() !== `${m},${n}`) throw misfit(view, `its third input does not broadcast to [${m},${n}]`);
    return [{ dtype: a.dtype, shape: [m, n] }];
  },
  ...within(
    [
      constant,
      { sentence: 'Gemm must not transpose its left side', holds: (view) => numberOf(view.node, 'transA', 0) === 0 },
      { sentence: 'alpha of Gemm must be 1', holds: (view) => numberOf(view.node, 'alpha', 1) === 1 },
      { sentence: 'beta of Gemm must be 1', holds: (view) => view.inputs[2] === undefined || numberOf(view.node, 'beta', 1) === 1 },
      {
        sentence: 'The third input of Gemm must be a constant with one number a column',
        holds: (view) => view.inputs[2] === undefined || (isConstant(view, 2) && isRow(view.inputs[2].shape, gemm.infer(view)[0]!.shape[1]!)),
      },
    ],
    (view) => product(view, numberOf(view.node, 'transB', 0) !== 0),
  ),
};

/** A fully connected layer. */
function isLinear(view: NodeView): boolean {
  return isConstant(view, 1) && inputOf(view, 1).shape.length === 2 && !isConstant(view, 0);
}

function product(view: NodeView, transposed: boolean): Draft {
  const [first, second] = inputOf(view, 1).shape;
  const [outputs, inputs] = transposed ? [first!, second!] : [second!, first!];
  const shape = [outputs, inputs, 1, 1];
  return {
    kind: 'conv',
    attributes: { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 },
    activations: [0],
    weights: { weight: transposed ? { input: 1, axis: 0, shape } : { input: 1, axis: 1, transpose: [1, 0], shape } },
    floats: view.inputs[2] === undefined ? {} : { bias: 2 },
    ...(view.node.op === 'MatMul' && { takesBias: true }),
  };
}

/** Whether a constant of this shape has exactly one number a column: [n] or [1, n]. */
function isRow(shape: readonly number[], columns: number): boolean {
  return elements(shape) === columns && (shape.at(-1) ?? 1) === columns;
}

function turned(shape: readonly number[], view: NodeView, attribute: string): readonly [number, number] {
  return numberOf(view.node, attribute, 0) === 0 ? [shape[0]!, shape[1]!] : [shape[1]!, shape[0]!];
}
