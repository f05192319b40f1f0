// What float jobs are told of the calibration data of one input, and how they read an entry by it.
import * as z from 'zod';
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
  embedded: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number()) }).nullable(),
});
export type ArrivalSpec = z.infer<typeof arrivalSpec>;

/** What an entry of an archive has to be read as: of all that an input is told, mean and std come later. */
export const entrySpec = inputSpec.omit({ calibration: true });
export type EntrySpec = z.infer<typeof entrySpec>;

/** What float passes read of an entry: 8-bit pixels of the input's size and colours, or raw numbers of its type. `name` is what a Fault calls it. */
export async function readEntry(bytes: Uint8Array, { tensor, dtype, shape, layout, format, order }: EntrySpec, name: string): Promise<Uint8Array> {
  if (format === 'Numpy') {
    const { numpyTensor } = await import('../src/dataset/tensor.ts');
    return numpyTensor(bytes, { tensor, dtype: dtype as DType, shape, name });
  }
  const { imageSize, imageTensor } = await import('../src/dataset/image.ts');
  return imageTensor({ bytes, name, size: imageSize(shape, { layout, tensor }), order: order! });
}

/** The model's input, FP32 in the model's layout (or the raw numbers of another type), from what readEntry made. */
export async function modelInput(entry: Uint8Array, { tensor, shape, layout, format, calibration }: InputSpec): Promise<Uint8Array> {
  if (format === 'Numpy') return entry;
  const { imageSize } = await import('../src/dataset/image.ts');
  const { normalise } = await import('../src/dataset/normalise.ts');
  return bytesOf(normalise(entry, { size: imageSize(shape, { layout, tensor }), layout, by: calibration }));
}

/** The same entry as the compiled model takes it: the embedded normalisation undone, in the runtime's type; still in the model's order. */
export function runtimeInput(model: Uint8Array, spec: InputSpec, { dtype, embedded }: ArrivalSpec): Uint8Array {
  const values = viewAs(Float32Array, model);
  const { mean, std } = embedded ?? { mean: [], std: [] };
  const axis = spec.layout === 'NCHW' ? 1 : spec.shape.length - 1;
  const channels = spec.shape[axis] ?? 1;
  const inner = spec.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const out = dtype === 'U8' ? new Uint8Array(values.length) : new Float32Array(values.length);
  for (let at = 0, channel = 0; at < values.length; at += inner, channel = (channel + 1) % channels) {
    const [scale, shift] = [std[channel] ?? 1, mean[channel] ?? 0];
    for (let i = at; i < at + inner; i++) {
      const real = values[i]! * scale + shift;
      out[i] = dtype === 'U8' ? Math.min(255, Math.max(0, Math.round(real))) : real;
    }
  }
  return bytesOf(out);
}
