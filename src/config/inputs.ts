// What the configuration says of one input of the model: the entry with its name, or else DEFAULT's, or else defaults.
import type { BuildConfig, InputProcessor, InputQuantConfig } from './schema.ts';

/** The calibration entry of an input, and its path for faults; undefined if none covers it. */
export function calibrationOf(config: BuildConfig, tensor: string): { readonly entry: InputQuantConfig; readonly path: string } | undefined {
  return covering(config.quant.input_configs, { tensor, path: 'quant.input_configs' });
}

/** The processor of an input, and its path; undefined if none covers it: the runtime input is then the model's own. */
export function processorOf(config: BuildConfig, tensor: string): { readonly entry: InputProcessor; readonly path: string } | undefined {
  return covering(config.input_processors, { tensor, path: 'input_processors' });
}

/**
 * Normalisation embedded in the compiled model: the processor's mean and std, each defaulting to the calibration's. A list that is
 * empty beside one that isn't is filled up (0, 1); null when nothing is to be done.
 */
export function normalisationOf(config: BuildConfig, tensor: string): { readonly mean: readonly number[]; readonly std: readonly number[] } | null {
  const calibration = calibrationOf(config, tensor)?.entry;
  const processor = processorOf(config, tensor)?.entry;
  const given = (own: readonly number[] | undefined, other: readonly number[] | undefined): readonly number[] => (own && own.length > 0 ? own : other ?? []);
  const mean = given(processor?.mean, calibration?.calibration_mean);
  const std = given(processor?.std, calibration?.calibration_std);
  const channels = Math.max(mean.length, std.length);
  if (channels === 0 || (mean.every((value) => value === 0) && std.every((value) => value === 1))) return null;
  const filled = (list: readonly number[], value: number): readonly number[] => (list.length > 0 ? list : Array.from({ length: channels }, () => value));
  return { mean: filled(mean, 0), std: filled(std, 1) };
}

function covering<T extends { readonly tensor_name: string }>(entries: readonly T[], { tensor, path }: { tensor: string; path: string }): { entry: T; path: string } | undefined {
  const named = entries.findIndex(({ tensor_name }) => tensor_name === tensor);
  const index = named >= 0 ? named : entries.findIndex(({ tensor_name }) => tensor_name === 'DEFAULT');
  const entry = entries[index];
  return entry === undefined ? undefined : { entry, path: `${path}[${index}]` };
}
