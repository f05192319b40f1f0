// What a job's fault calls a setting that the job knows by its number: the path by which the user's line is found again.
import type { LayerConfig } from '../src/quant/precision.ts';

/** Of a sub_config. */
export interface Range {
  readonly start: readonly string[];
  readonly end: readonly string[];
}

/** Path of a layer_config, or of the setting in it that says `name`: what faults of jobs call it. */
export function layerPath(layers: readonly LayerConfig[], index: number, name?: string): string {
  return `quant.layer_configs[${index}]${pathWithin(layers[index] ?? {}, name)}`;
}

/** The same of a sub_config. */
export function rangePath(ranges: readonly Range[], index: number, name?: string): string {
  const { start, end }: Partial<Range> = ranges[index] ?? {};
  return `compiler.sub_configs[${index}]${pathWithin({ start_tensor_names: start, end_tensor_names: end }, name)}`;
}

function pathWithin(entry: object, name: string | undefined): string {
  if (name === undefined) return '';
  for (const [key, value] of Object.entries(entry)) {
    if (value === name) return `.${key}`;
    if (Array.isArray(value) && value.includes(name)) return `.${key}[${value.indexOf(name)}]`;
  }
  return '';
}
