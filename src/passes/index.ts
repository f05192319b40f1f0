// The passes, in the order of running. docs/add-a-pass.md shows how to add one.
import { affineToConv } from './affine-to-conv.ts';
import { deadCode } from './dead-code.ts';
import { equalRanks } from './equal-ranks.ts';
import { foldAffine } from './fold-affine.ts';
import { foldConstants } from './fold-constants.ts';
import { gatedActivations } from './gated.ts';
import { gatherToSlice } from './gather-to-slice.ts';
import { hardSwishPattern } from './hard-swish.ts';
import { keepReducedAxes } from './keep-reduced-axes.ts';
import { layerNormPattern } from './layer-norm.ts';
import { matmulAdd } from './matmul-add.ts';
import type { Pass } from './pass.ts';
import { removeIdentity } from './remove-identity.ts';
import { reshapes } from './reshapes.ts';
import { splitToSlices } from './split-to-slices.ts';
import { threeAxes } from './three-axes.ts';

export const passes: readonly Pass[] = [
  deadCode,
  foldConstants,
  removeIdentity,
  matmulAdd,
  foldAffine,
  affineToConv,
  hardSwishPattern,
  gatedActivations,
  layerNormPattern,
  keepReducedAxes,
  gatherToSlice,
  splitToSlices,
  equalRanks,
  threeAxes,
  reshapes,
];
