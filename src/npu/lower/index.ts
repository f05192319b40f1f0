// Every kind that the virtual NPU runs: one file and one line each.
import type { Lowering } from './lowering.ts';
import { concat } from './concat.ts';
import { constant } from './constant.ts';
import { conv } from './conv.ts';
import { convTranspose } from './conv-transpose.ts';
import { eltwise } from './eltwise.ts';
import { layerNorm } from './layer-norm.ts';
import { matmul } from './matmul.ts';
import { move } from './move.ts';
import { avgPool, maxPool, mean } from './pool.ts';
import { dequantize, quantize } from './quantize.ts';
import { resize } from './resize.ts';
import { softmax } from './softmax.ts';
import { unary } from './unary.ts';

export const lowerings: readonly Lowering[] = [conv, convTranspose, matmul, eltwise, unary, maxPool, avgPool, mean, concat, resize, move, softmax, layerNorm, constant, quantize, dequantize];

const byKind = new Map(lowerings.map((lowering) => [lowering.kind, lowering]));

export function loweringOf(kind: string): Lowering {
  const lowering = byKind.get(kind);
  if (lowering === undefined) throw new Error(`BUG: no lowering of ${kind}`);
  return lowering;
}
