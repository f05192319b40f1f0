// Weights: symmetric codes with one scale per output channel, in the order of the group's constant. Depends on the float weight alone:
// no activation scale reaches it, so that calibration never quantises a weight again.
import { bytesOf, viewAs } from '../base/bytes.ts';
import { elements } from '../base/dtype.ts';
import { Fault } from '../base/fault.ts';
import { readPack, writePack } from '../base/pack.ts';
import { roundHalfEven } from '../base/real.ts';
import type { QuantisedWeight } from '../ops/group.ts';
import type { WeightRequest } from './network.ts';

/** What of a request decides the codes. */
export interface WeightForm {
  readonly shape: readonly number[];
  readonly axis: number;
  readonly transpose?: readonly number[] | undefined;
  readonly reshape?: readonly number[] | undefined;
  readonly dtype: WeightRequest['dtype'];
}

export interface WeightOptions {
  /** quant.refine_weight_threshold: a channel whose largest magnitude is below it is taken for dead; -1: only channels of zeros are. */
  readonly refineThreshold: number;
}

const limits = { S8: 127, S16: 32767 } as const;

/** `bytes`: the FP32 weight, row-major. Axis 0 of the transposed tensor must be `axis`. */
export function quantiseWeight(bytes: Uint8Array, form: WeightForm, { refineThreshold }: WeightOptions): QuantisedWeight {
  const { weight, shape } = transposed(viewAs(Float32Array, bytes), form);
  const limit = limits[form.dtype];
  const channels = shape[0]!;
  const size = channels === 0 ? 0 : weight.length / channels;
  const scales = channelScales(largest(weight, channels), limit, refineThreshold);
  const codes = form.dtype === 'S8' ? new Int8Array(weight.length) : new Int16Array(weight.length);
  for (let o = 0; o < channels; o++) {
    for (let i = o * size; i < (o + 1) * size; i++) {
      codes[i] = Math.min(Math.max(roundHalfEven(weight[i]! / scales[o]!), -limit), limit);
    }
  }
  return { shape: constantShape(form), codes, scales };
}

/** The group's constant: the float shape after transpose and reshape. */
export function constantShape({ shape, transpose, reshape }: Pick<WeightForm, 'shape' | 'transpose' | 'reshape'>): readonly number[] {
  return reshape ?? transpose?.map((axis) => shape[axis]!) ?? shape;
}

/**
 * f32(max / limit) for each channel. A dead channel's own scale would be so small that its bias, counted in scale_in * scale, leaves the
 * accumulator; it takes the largest scale of its tensor instead, and loses weights that are too small to matter.
 */
function channelScales(maxima: Float32Array, limit: number, threshold: number): Float32Array {
  const scales = Float32Array.from(maxima, (max) => max / limit);
  const isDead = (o: number): boolean => maxima[o]! < threshold || scales[o] === 0;
  const floor = scales.reduce((most, scale, o) => (isDead(o) ? most : Math.max(most, scale)), 0);
  return scales.map((scale, o) => (isDead(o) ? floor || 1 / limit : scale));
}

function largest(weight: Float32Array, channels: number): Float32Array {
  const maxima = new Float32Array(channels);
  const size = weight.length / channels;
  for (let i = 0; i < weight.length; i++) {
    const magnitude = Math.abs(weight[i]!);
    if (!(magnitude < Infinity)) throw new Fault({ what: `a weight holds ${weight[i]} (output channel ${Math.floor(i / size)})`, facts: [['try', 'export the model again: its weights must be finite']] });
    const channel = Math.floor(i / size);
    if (magnitude > maxima[channel]!) maxima[channel] = magnitude;
  }
  return maxima;
}

function transposed(weight: Float32Array, { shape, axis, transpose }: WeightForm): { weight: Float32Array; shape: readonly number[] } {
  if (weight.length !== elements(shape)) throw new Error(`BUG: ${weight.length} numbers for a weight of shape ${shape.join('x')}`);
  if ((transpose?.[0] ?? 0) !== axis) throw new Error(`BUG: output channels are axis ${axis}, which the constant doesn't put first`);
  if (transpose === undefined) return { weight, shape };
  const to = transpose.map((from) => shape[from]!);
  const strides = transpose.map((from) => elements(shape.slice(from + 1)));
  const out = new Float32Array(weight.length);
  const at = to.map(() => 0);
  let source = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = weight[source]!;
    for (let d = to.length - 1; d >= 0; d--) {
      at[d]!++;
      source += strides[d]!;
      if (at[d]! < to[d]!) break;
      source -= at[d]! * strides[d]!;
      at[d] = 0;
    }
  }
  return { weight: out, shape: to };
}

export function writeWeight({ shape, codes, scales }: QuantisedWeight): Uint8Array {
  return writePack({ format: 'weight', version: 1, dtype: codes instanceof Int8Array ? 'S8' : 'S16', shape }, [['codes', bytesOf(codes)], ['scales', bytesOf(scales)]]);
}

export function readWeight(bytes: Uint8Array): QuantisedWeight {
  const { meta, sections } = readPack(bytes);
  // Written by writeWeight alone: the format name and version are all that can differ.
  const { format, version, dtype, shape } = meta as { format?: string; version?: number; dtype: 'S8' | 'S16'; shape: readonly number[] };
  const [codes, scales] = [sections.get('codes'), sections.get('scales')];
  if (format !== 'weight' || version !== 1 || codes === undefined || scales === undefined) throw new Fault({ what: 'this is no quantised weight of version 1' });
  return { shape, codes: dtype === 'S8' ? viewAs(Int8Array, codes) : viewAs(Int16Array, codes), scales: viewAs(Float32Array, scales) };
}
