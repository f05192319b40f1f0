// Pixels as the float network wants them: (x - mean) / std per channel, in f32 after every operation (docs/integer-spec.md, quantize).
import { Fault } from '../base/fault.ts';
import type { ImageLayout, ImageSize } from './image.ts';

export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** U8 in height, width, channel order to FP32 in the model's layout. `null`: the numbers as they are. */
export function normalise(pixels: Uint8Array, { size, layout, by }: { size: ImageSize; layout: ImageLayout; by: Normalisation | null }): Float32Array {
  const { height, width, channels } = size;
  const plane = height * width;
  if (pixels.length !== plane * channels) throw new Error(`BUG: ${pixels.length} pixels for ${height} x ${width} x ${channels}`);
  const out = new Float32Array(pixels.length);
  for (let c = 0; c < channels; c++) {
    const table = valuesOf(c, by);
    const [first, step] = layout === 'NCHW' ? [c * plane, 1] : [c, channels];
    for (let from = c, to = first; from < pixels.length; from += channels, to += step) out[to] = table[pixels[from]!]!;
  }
  return out;
}

/** Mean and divisor lists brought to the model's channels: empty ones mean 0 and 1. A Fault's place is `where` with mean or std behind it. */
export function normalisationFor(channels: number, { mean, std, where }: Normalisation & { where: string }): Normalisation | null {
  if (mean.length === 0 && std.length === 0) return null;
  const fit = (list: readonly number[], name: 'mean' | 'std'): readonly number[] => {
    if (list.length === 0) return Array.from({ length: channels }, () => (name === 'mean' ? 0 : 1));
    if (list.length !== channels) {
      throw new Fault({ exit: 2, place: { file: where + name }, what: `${list.length} numbers for ${channels} channels`, facts: [['given', `[${list.join(', ')}]`]] });
    }
    return list;
  };
  return { mean: fit(mean, 'mean'), std: fit(std, 'std') };
}

/** The float of each of the 256 codes of channel c. */
function valuesOf(c: number, by: Normalisation | null): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, code) => code);
  if (by === null) return table;
  const mean = Math.fround(by.mean[c]!);
  const std = Math.fround(by.std[c]!);
  return table.map((code) => Math.fround(Math.fround(code - mean) / std));
}
