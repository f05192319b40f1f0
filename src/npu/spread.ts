// How an instruction is spread over the arrays of all engine sets that a mode gives.
import type { Target } from '../targets/target.ts';

/**
 * Passes of the busiest array: the output is cut by positions or by output channels, whichever is faster, and each share is rounded up to whole
 * passes. Never more with more arrays.
 */
export function passesOf({ array, arrays }: Target, { positions, outChannels }: { readonly positions: number; readonly outChannels: number }): number {
  const across = Math.ceil(positions / array.positions);
  const deep = Math.ceil(outChannels / array.outChannels);
  return Math.min(Math.ceil(across / arrays) * deep, across * Math.ceil(deep / arrays));
}
