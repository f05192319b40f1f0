// The table of changed meanings: for each operator, the opsets (8 to canonicalOpset) at which it means something else than before, and
// how an older node says the same.
import { batchNormalization14, batchNormalization9, dropout } from './normalise.ts';
import { axes, clip, pad, slice, split, splitEvenly, topK } from './attributes-to-inputs.ts';
import { gridSample, notYet, roiAlign, scatter } from './renamed.ts';
import { resize11, resize13, upsample10, upsample9 } from './resize.ts';
import { softmax } from './softmax.ts';
import type { Upgrade } from './upgrade.ts';

export const upgrades: Readonly<Record<string, Readonly<Record<number, Upgrade>>>> = {
  BatchNormalization: { 9: batchNormalization9, 14: batchNormalization14 },
  Clip: { 11: clip },
  DFT: { 20: notYet },
  Dropout: { 12: dropout },
  GridSample: { 20: gridSample },
  GroupNormalization: { 21: notYet },
  Hardmax: { 13: softmax },
  LogSoftmax: { 13: softmax },
  Pad: { 11: pad },
  ReduceL1: { 18: axes },
  ReduceL2: { 18: axes },
  ReduceLogSum: { 18: axes },
  ReduceLogSumExp: { 18: axes },
  ReduceMax: { 18: axes },
  ReduceMean: { 18: axes },
  ReduceMin: { 18: axes },
  ReduceProd: { 18: axes },
  ReduceSum: { 13: axes },
  ReduceSumSquare: { 18: axes },
  Resize: { 11: resize11, 13: resize13 },
  RoiAlign: { 16: roiAlign },
  Scan: { 9: notYet },
  Scatter: { 11: scatter },
  Slice: { 10: slice },
  Softmax: { 13: softmax },
  Split: { 13: split, 18: splitEvenly },
  Squeeze: { 13: axes },
  TopK: { 10: topK },
  Unsqueeze: { 13: axes },
  Upsample: { 9: upsample9, 10: upsample10 },
};

/** Attributes that came after canonicalOpset, by the opset that brought them: a node that uses one can't be said any more. */
export const laterAttributes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Cast: { round_mode: 24 },
  CastLike: { round_mode: 24 },
  DequantizeLinear: { output_dtype: 23 },
  QuantizeLinear: { precision: 23 },
  Range: { stash_type: 27 },
  SpaceToDepth: { mode: 28 },
};
