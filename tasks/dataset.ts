// What float jobs are told of the calibration data of one input, and how they read an entry by it.
import { z } from 'zod';
import { bytesOf, viewAs } from '../src/base/bytes.ts';
import type { DType } from '../src/base/dtype.ts';

export const inputSpec = z.strictObject({
  tensor: z.string(),
  dtype: z.string(),
  /** Of the model's own input. */
  shape: z.array(z.int()),
  layout: z.enum(['NCHW', 'NHWC']),
  format: z.enum(['Image', 'Numpy']),
  /** Colour order of images. */
  order: z.enum(['RGB', 'BGR', 'GRAY']).nullable(),
  /** Calibration mean and std: images only. */
  calibration: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number()) }).nullable(),
});
export type InputSpec = z.infer<typeof inputSpec>;

/** How the runtime input arrives: what `sample` makes of an entry besides the model's input. */
export const arrivalSpec = z.strictObject({
  dtype: z.enum(['U8', 'FP32']),
  layout: z.enum(['NHWC', 'NCHW']),
  embedded: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number()) }).nullable(),
});
export type ArrivalSpec = z.infer<typeof arrivalSpec>;

/** The model's input, FP32 in the model's layout (or the raw numbers of another type), from one entry. `name` is what a Fault calls it. */
export async function modelInput(bytes: Uint8Array, spec: InputSpec, name = spec.tensor): Promise<Uint8Array> {
  const { tensor, shape, layout } = spec;
  if (spec.format === 'Numpy') {
    const { numpyTensor } = await import('../src/dataset/tensor.ts');
    return numpyTensor(bytes, { tensor, dtype: spec.dtype as DType, shape, name });
  }
  const { imageSize, imageTensor } = await import('../src/dataset/image.ts');
  const { normalise } = await import('../src/dataset/normalise.ts');
  const size = imageSize(shape, { layout, tensor });
  const pixels = await imageTensor({ bytes, name, size, order: spec.order! });
  return bytesOf(normalise(pixels, { size, layout, by: spec.calibration }));
}

/** The same entry as the compiled model takes it: model input with the embedded normalisation undone, in the runtime's type and layout. */
export function runtimeInput(model: Uint8Array, spec: InputSpec, arrival: ArrivalSpec): Uint8Array {
  const values = viewAs(Float32Array, model);
  const isImage = spec.shape.length === 4;
  const [n, a, b, c] = spec.shape as [number, number, number, number];
  const channels = isImage ? (spec.layout === 'NCHW' ? a : c) : 1;
  const plane = isImage ? (spec.layout === 'NCHW' ? b * c : a * b) : 1;
  const out = arrival.dtype === 'U8' ? new Uint8Array(values.length) : new Float32Array(values.length);
  const { mean, std } = arrival.embedded ?? { mean: [], std: [] };
  for (let i = 0; i < values.length; i++) {
    const image = isImage ? Math.floor(i / (channels * plane)) : 0;
    const rest = isImage ? i % (channels * plane) : i;
    const channel = !isImage ? 0 : spec.layout === 'NCHW' ? Math.floor(rest / plane) : rest % channels;
    const position = !isImage ? rest : spec.layout === 'NCHW' ? rest % plane : Math.floor(rest / channels);
    const real = values[i]! * (std[channel] ?? 1) + (mean[channel] ?? 0);
    const to = !isImage ? i : image * channels * plane + (arrival.layout === 'NHWC' ? position * channels + channel : channel * plane + position);
    out[to] = arrival.dtype === 'U8' ? Math.min(255, Math.max(0, Math.round(real))) : real;
  }
  if (isImage && n * channels * plane !== values.length) throw new Error(`BUG: ${values.length} values for [${spec.shape.join(',')}]`);
  return bytesOf(out);
}
