// Every kind that the virtual NPU runs: one file and one line each.
import type { Lowering } from './lowering.ts';
import { concat } from './concat.ts';
import { conv } from './conv.ts';
import { convTranspose } from './conv-transpose.ts';
import { eltwise } from './eltwise.ts';
import { move } from './move.ts';
import { avgPool, maxPool, mean } from './pool.ts';
import { dequantize, quantize } from './quantize.ts';
import { resize } from './resize.ts';
import { softmax } from './softmax.ts';
import { unary } from './unary.ts';

export const lowerings: readonly Lowering[] = [conv, convTranspose, eltwise, unary, maxPool, avgPool, mean, concat, resize, move, softmax, quantize, dequantize];

const byKind = new Map(lowerings.map((lowering) => [lowering.kind, lowering]));

export function loweringOf(kind: string): Lowering {
  const lowering = byKind.get(kind);
  if (lowering === undefined) throw new Error(`BUG: no lowering of ${kind}`);
  return lowering;
}
