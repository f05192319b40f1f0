// The params of kinds that average: avg_pool and mean.
import { scaleToMultiplier } from '../../base/real.ts';
import type { GroupStructure, GroupValues, Params } from '../group.ts';
import { quantOf, scalarOf } from './attributes.ts';
import { rangeOf } from './codes.ts';
import { entryScalars } from './entry.ts';
import { buildEpilogue, epilogue } from './epilogue.ts';
import { rescale } from './rescale.ts';

/** `count` elements are summed for one of the output. */
export function averageParams(structure: GroupStructure, values: GroupValues, count: number): Params {
  const entry = quantOf(values.entries[0], 'entry 0');
  const unit = entry.scale / count;
  const parts = buildEpilogue({ structure, output: values.output, chain: values.chain, reach: rangeOf(entry, structure.entries[0]!), unit });
  return {
    scalars: { ...entryScalars(structure, values), in_zero: entry.zero, ...scaleToMultiplier(unit / parts.step), ...parts.scalars },
    arrays: parts.arrays,
  };
}

/** Turns a sum of (code - zero) into the output code. */
export function averager(structure: GroupStructure, params: Params): (sum: number) => number {
  const [multiplier, shift] = [scalarOf(params, 'multiplier'), scalarOf(params, 'shift')];
  const finish = epilogue(structure, params);
  return (sum) => finish(rescale(sum, multiplier, shift));
}
