// The operators axbuild knows: one line a family, one file each. docs/add-an-operator.md shows how to add one.
import { clip, elu, gelu, hardSigmoid, hardSwish, leakyRelu, mish, prelu, relu, selu, sigmoid, softplus, softsign, tanh } from './activation.ts';
import { and, equal, greater, greaterOrEqual, less, lessOrEqual, not, or, where } from './compare.ts';
import { cast, constant, constantOfShape, range, shape, size } from './constant.ts';
import { convTranspose } from './conv-transpose.ts';
import { conv } from './conv.ts';
import { add, div, max, min, mul, pow, sub } from './eltwise.ts';
import { limitsOf, type LimitRow } from './limits.ts';
import { abs, ceil, cos, erf, exp, floor, log, neg, reciprocal, round, sin, sqrt } from './math.ts';
import { gemm, matMul } from './matmul.ts';
import { concat, depthToSpace, expand, gather, pad, spaceToDepth, tile, transpose } from './movement.ts';
import { batchNormalization, instanceNormalization, layerNormalization } from './norm.ts';
import type { Op } from './op.ts';
import { averagePool, globalAveragePool, globalMaxPool, maxPool } from './pool.ts';
import { reduceMax, reduceMean, reduceMin, reduceProd, reduceSum } from './reduce.ts';
import { dropout, flatten, identity, reshape, squeeze, unsqueeze } from './reshape.ts';
import { resize } from './resize.ts';
import { slice, split } from './slice.ts';
import { argMax, argMin, logSoftmax, softmax } from './softmax.ts';
import { sum } from './sum.ts';

export const ops: readonly Op[] = [
  conv, convTranspose, gemm, matMul,
  add, sub, mul, div, pow, max, min, sum,
  relu, leakyRelu, prelu, clip, sigmoid, hardSigmoid, hardSwish, tanh, elu, selu, softplus, softsign, gelu, mish,
  erf, exp, log, sqrt, abs, neg, floor, ceil, round, reciprocal, sin, cos,
  maxPool, averagePool, globalAveragePool, globalMaxPool, reduceMean, reduceSum, reduceMax, reduceMin, reduceProd,
  batchNormalization, layerNormalization, instanceNormalization,
  concat, split, slice, reshape, transpose, flatten, squeeze, unsqueeze, expand, tile, pad, gather, depthToSpace, spaceToDepth,
  resize, softmax, logSoftmax, argMax, argMin,
  where, equal, greater, greaterOrEqual, less, lessOrEqual, not, and, or,
  shape, size, constant, constantOfShape, cast, range, identity, dropout,
];

const table = new Map<string, Op>();
for (const op of ops) {
  const key = keyOf(op.type, op.domain ?? '');
  if (table.has(key)) throw new Error(`BUG: operator ${op.type} is in the table twice`);
  table.set(key, op);
}

/** The operator of a type and domain; undefined for one that axbuild doesn't know. */
export function opOf(type: string, domain = ''): Op | undefined {
  return table.get(keyOf(type, domain));
}

/** What runs where, and under which conditions: the manual's table of operators. */
export function limitsTable(): readonly LimitRow[] {
  return limitsOf(ops);
}

/** ONNX's own domain has two spellings. */
function keyOf(type: string, domain: string): string {
  return `${domain === 'ai.onnx' ? '' : domain}:${type}`;
}
