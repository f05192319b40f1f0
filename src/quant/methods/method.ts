// A calibration method turns what a sketch kept of a tensor into the range that its codes cover.
import type { TensorSketch } from '../sketch.ts';

export type Range = readonly [lo: number, hi: number];

export interface Method {
  /** As the configuration spells it (quant.calibration_method). */
  readonly name: string;
  readonly about: string;
  range(tensor: TensorSketch): Range;
}
