// Calibration data of every input, paired into batches: what each float pass reads.
import { basename } from 'node:path';
import { calibrationOf, normalisationOf, parseShapes, processorOf } from '../src/config/index.ts';
import { pairSamples } from '../src/dataset/batches.ts';
import { colourOrder } from '../src/dataset/image.ts';
import { normalisationFor } from '../src/dataset/normalise.ts';
import type { Build } from '../src/engine/build.ts';
import type { Artifact } from '../src/engine/task.ts';
import type { ArrivalSpec, InputSpec } from './dataset.ts';
import { blobArtifact, jsonOf, type EntryRow, type Facts } from './passing.ts';
import type { ModelGoal } from './goal.ts';
import { unpack } from './unpack.ts';

export interface Calibration {
  readonly inputs: readonly InputSpec[];
  readonly arrivals: readonly ArrivalSpec[];
  readonly batches: readonly { readonly label: string; readonly entries: readonly Artifact[] }[];
}

export async function calibrationData(build: Build, goal: ModelGoal, facts: Facts): Promise<Calibration> {
  const inputs = facts.inputs.map((input) => inputSpecOf(goal, input));
  const arrivals = facts.inputs.map((input) => arrivalOf(goal, input.name));
  const most = fewest(inputs.map((input) => calibrationOf(goal.config, input.tensor)!.entry.calibration_size));
  const opened = await Promise.all(inputs.map(async ({ calibration: _, ...input }) => {
    const { entry } = calibrationOf(goal.config, input.tensor)!;
    const archive = basename(entry.calibration_dataset);
    const unpacked = await build.run(unpack, {
      label: `${goal.name} ${archive}`,
      options: { archive, input, most, paired: inputs.length > 1 },
      inputs: { archive: await build.source(entry.calibration_dataset) },
    });
    return { tensor: input.tensor, archive, rows: await jsonOf<EntryRow[]>(build, unpacked['index']!) };
  }));
  const pairs = pairSamples(opened.map(({ rows, ...one }) => ({ ...one, names: rows.map((row) => row.name) })), most);
  return {
    inputs, arrivals,
    batches: pairs.map((names) => ({
      label: Object.values(names)[0] ?? '',
      entries: opened.map(({ tensor, rows }) => {
        const { name, digest, size } = rows.find((row) => row.name === names[tensor])!;
        if (digest === undefined) throw new Error(`BUG: entry "${name}" was not read`);
        return blobArtifact(digest, [], size);
      }),
    })),
  };
}

/** How many samples to use where each input may limit them; negative ones don't. */
function fewest(limits: readonly number[]): number {
  const least = Math.min(...limits.filter((limit) => limit >= 0));
  return least === Infinity ? -1 : least;
}

/** What jobs are told of one input. Throws a Fault on settings that don't fit its shape. */
export function inputSpecOf({ config }: ModelGoal, { name, dtype, shape }: Facts['inputs'][number]): InputSpec {
  const calibration = calibrationOf(config, name)!; // preflight has seen to it
  const processor = processorOf(config, name)?.entry;
  const layout = processor?.tensor_layout === 'NHWC' ? 'NHWC' : 'NCHW';
  const given = parseShapes(config.input_shapes).shapes[name] ?? shape.map((size) => (typeof size === 'number' ? size : 1));
  const { calibration_format, calibration_mean: mean, calibration_std: std } = calibration.entry;
  const format = calibration_format === 'Numpy' ? 'Numpy' : 'Image';
  const channels = (layout === 'NCHW' ? given[1] : given[3]) ?? 1;
  return {
    tensor: name, dtype, shape: [...given], layout, format,
    order: format === 'Image' ? colourOrder([processor?.tensor_format ?? 'AutoColorSpace', processor?.src_format ?? 'AutoColorSpace'], channels) : null,
    calibration: format === 'Image' ? lists(normalisationFor(channels, { mean, std, where: `${calibration.path}.calibration_` })) : null,
  };
}

function arrivalOf({ config }: ModelGoal, name: string): ArrivalSpec {
  const processor = processorOf(config, name)?.entry;
  return {
    dtype: processor?.src_dtype === 'U8' ? 'U8' : 'FP32',
    embedded: processor === undefined ? null : lists(normalisationOf(config, name)),
  };
}

function lists(by: { readonly mean: readonly number[]; readonly std: readonly number[] } | null): { mean: number[]; std: number[] } | null {
  return by === null ? null : { mean: [...by.mean], std: [...by.std] };
}
