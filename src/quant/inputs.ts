// How runtime inputs arrive, as input_processors say: type and layout (which shape the network) and mean and std (which are values).
import { Fault, nearest } from '../base/fault.ts';
import type { FusedEdge } from './network.ts';

/** One entry of input_processors, as far as it shapes the network; tensor DEFAULT stands for every input without its own. */
export interface InputForm {
  readonly tensor: string;
  readonly dtype: 'U8' | 'FP32';
  readonly layout: 'NHWC' | 'NCHW';
}

/** x' = (x - mean) / std per channel, on the device; empty lists leave it out. */
export interface InputScaling {
  readonly tensor: string;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** The entry for `tensor`: its own, else DEFAULT. Entries for inputs that the network doesn't have are a fault. */
export function entryFor<T extends { readonly tensor: string }>(tensor: string, entries: readonly T[], inputs: readonly string[]): T | undefined {
  for (const { tensor: name } of entries) {
    if (name === 'DEFAULT' || inputs.includes(name)) continue;
    const near = nearest(name, inputs);
    throw new Fault({
      what: `input_processors name "${name}", which is no input of the network`,
      facts: [['inputs', inputs.join(', ')], ...(near === undefined ? [] : [['try', near] as const])],
      exit: 2,
    });
  }
  return entries.find((entry) => entry.tensor === tensor) ?? entries.find((entry) => entry.tensor === 'DEFAULT');
}

export function formOf(tensor: string, forms: readonly InputForm[], inputs: readonly string[]): Pick<InputForm, 'dtype' | 'layout'> {
  const { dtype, layout } = entryFor(tensor, forms, inputs) ?? { dtype: 'FP32', layout: 'NCHW' };
  return { dtype, layout };
}

/** The edge of a runtime input as it arrives. Only images have channels to move: a layout says nothing of other ranks. */
export function arrival({ tensor, shape }: { tensor: string; shape: readonly number[] }, { dtype, layout }: Pick<InputForm, 'dtype' | 'layout'>): FusedEdge {
  return { name: `${tensor}:raw`, tensor, shape, role: 'input', dtype, ...(layout === 'NHWC' && shape.length === 4 && { layout: 'nhwc' as const }) };
}

/** Mean and std as full lists, or nothing where they change no number. */
export function scalingOf(scaling: InputScaling | undefined, channels: number): Readonly<Record<string, readonly number[]>> {
  if (scaling === undefined) return {};
  const { tensor, mean, std } = scaling;
  for (const [what, list] of [['mean', mean], ['std', std]] as const) {
    if (list.length !== 0 && list.length !== channels) throw refused(tensor, `${what} has ${list.length} numbers, the input ${channels} channels`);
    if (list.some((number) => !Number.isFinite(Math.fround(number)))) throw refused(tensor, `${what} holds a number that is not finite`);
  }
  if (std.some((number) => Math.fround(number) === 0)) throw refused(tensor, 'std holds 0, and inputs are divided by it');
  if (mean.every((number) => number === 0) && std.every((number) => number === 1)) return {};
  const full = (list: readonly number[], otherwise: number): number[] => Array.from({ length: channels }, (_, c) => Math.fround(list[c] ?? otherwise));
  return { mean: full(mean, 0), std: full(std, 1) };
}

function refused(tensor: string, what: string): Fault {
  return new Fault({ what: `input_processors, "${tensor}": ${what}`, facts: [['try', 'one number a channel, in the order of the channels']], exit: 2 });
}
