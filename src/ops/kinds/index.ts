// Every kind of group, in the order of docs/integer-spec.md §5. One file and one line add a kind.
import type { Kind } from '../group.ts';
import { avgPool } from './avg-pool.ts';
import { concat } from './concat.ts';
import { constant } from './constant.ts';
import { conv } from './conv.ts';
import { convTranspose } from './conv-transpose.ts';
import { dequantize } from './dequantize.ts';
import { eltwise } from './eltwise.ts';
import { layerNorm } from './layer-norm.ts';
import { matmul } from './matmul.ts';
import { maxPool } from './max-pool.ts';
import { mean } from './mean.ts';
import { move } from './move.ts';
import { quantize } from './quantize.ts';
import { resize } from './resize.ts';
import { softmax } from './softmax.ts';
import { unary } from './unary.ts';

export const kinds: readonly Kind[] = [
  conv,
  convTranspose,
  matmul,
  eltwise,
  unary,
  maxPool,
  avgPool,
  mean,
  concat,
  resize,
  move,
  softmax,
  layerNorm,
  constant,
  quantize,
  dequantize,
];

const byName: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [kind.name, kind]));

export function kindOf(name: string): Kind {
  const kind = byName.get(name);
  if (kind === undefined) throw new Error(`BUG: no kind is called "${name}"`);
  return kind;
}
