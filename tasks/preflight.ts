// Everything that can be known before the first slow step is said before it, all at once.
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { Fault, Faults, nearest } from '../src/base/fault.ts';
import { calibrationOf, parseShapes, type InputQuantConfig } from '../src/config/index.ts';
import { JobFailed, type Build } from '../src/engine/build.ts';
import type { Artifact } from '../src/engine/task.ts';
import type { Graph } from '../src/graph/graph.ts';
import type { FusedNetwork } from '../src/quant/network.ts';
import { modeOf } from '../src/targets/mode.ts';
import { inputSpecOf } from './calibration.ts';
import { jsonOf, type Facts } from './passing.ts';
import type { ModelGoal } from './goal.ts';
import { scan } from './scan.ts';
import { layerPath, rangePath } from './setting-path.ts';
import { layerConfigs, rangesOf } from './settings.ts';

export interface Inspected {
  readonly model: Artifact;
  readonly facts: Facts;
}

/** What the model says of itself. Throws a Fault, or all of them, on files that aren't there and on inputs that the model doesn't have. */
export async function preflight(build: Build, goal: ModelGoal): Promise<Inspected> {
  const { name, config } = goal;
  const absent = absentFiles(goal);
  if (absent.some(({ setting }) => setting === 'input')) throw all(absent.map(({ fault }) => fault));
  const model = await build.source(config.input);
  try {
    const scanned = await build.run(scan, { label: name, options: { file: basename(config.input) }, inputs: { model } });
    const facts: Facts = await jsonOf(build, scanned['facts']!);
    throwAny([...absentFiles(goal, facts).map(({ fault }) => fault), ...wrongMode(goal), ...wrongInputs(facts, goal)]);
    return { model, facts };
  } catch (error) {
    // The model's own fault is told already.
    if (error instanceof JobFailed && error.outcome === 'failed') throwAny(absent.map(({ fault }) => fault));
    throw error;
  }
}

/** Throws a Fault, or all of them, on layer_configs and sub_configs that name what the network doesn't have: float passes come after. */
export async function preflightNames(build: Build, { config, placeOf }: ModelGoal, { graph, network }: { graph: Artifact; network: Artifact }): Promise<void> {
  const [layers, ranges] = [layerConfigs(config), rangesOf(config)];
  if (layers.length + ranges.length === 0) return;
  const [{ precisionOf }, { partition }] = await Promise.all([import('../src/quant/precision.ts'), import('../src/quant/partition.ts')]);
  const fused = await jsonOf<FusedNetwork>(build, network);
  const read = await jsonOf<Graph>(build, graph);
  throwAny([
    ...faultsOf(() => precisionOf({ graph: read, network: fused, layerConfigs: layers, placeOf: (index, name) => placeOf(layerPath(layers, index, name)) })),
    ...faultsOf(() => partition(fused, { ranges: ranges.map((range, index) => ({ ...range, index })), placeOf: (index, name) => placeOf(rangePath(ranges, index, name)) })),
  ]);
}

/** `facts`: what the model says of its inputs, once that is known. */
function absentFiles({ config, placeOf }: ModelGoal, facts?: Facts): { setting: string; fault: Fault }[] {
  const files = [
    { setting: 'input', path: config.input, what: 'model', wanted: [] },
    ...config.quant.input_configs.map((entry, i) => ({ setting: `quant.input_configs[${i}].calibration_dataset`, path: entry.calibration_dataset, what: 'calibration data', wanted: [['put there', samplesFor(entry, { config, facts })] as const] })),
  ];
  return files.flatMap(({ setting, path, what, wanted }) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() === true) return [];
    const place = placeOf(setting);
    const fault = found === undefined
      ? { what: `no ${what} at ${path}`, facts: wanted }
      : { what: `${path} is a folder, not ${what === 'model' ? 'a model' : 'an archive'}`, facts: [['built', what === 'model' ? '.onnx' : '.tar, .tar.gz, .tgz, .zip'] as const] };
    return [{ setting, fault: new Fault({ exit: 2, ...fault, ...(place && { place }) }) }];
  });
}

/** What an archive of calibration data holds, for someone who has to make one. */
function samplesFor({ tensor_name: name, calibration_format: format }: InputQuantConfig, { config, facts }: { config: ModelGoal['config']; facts: Facts | undefined }): string {
  const input = facts?.inputs.find((one) => one.name === name);
  const shape = parseShapes(config.input_shapes).shapes[name] ?? input?.shape;
  const whose = name === 'DEFAULT' ? 'each input' : `input "${name}"`;
  const kind = format === 'Image' ? `pictures, one a sample, for ${whose}` : `.npy files, one a sample, of the type and shape of ${whose}`;
  return `a .tar, .tar.gz, .tgz or .zip of ${kind}${input === undefined || shape === undefined ? '' : ` (${input.dtype} ${shape.join('x')})`}`;
}

function wrongMode({ config, target, placeOf }: ModelGoal): readonly Fault[] {
  const place = placeOf('npu_mode');
  return faultsOf(() => modeOf(target, config.npu_mode)).map(({ parts }) => new Fault({ ...parts, ...(place && { place }) }));
}

function wrongInputs(facts: Facts, goal: ModelGoal): Fault[] {
  const { config, placeOf } = goal;
  const faults: Fault[] = [];
  let misnamed = false;
  const inputs = facts.inputs.map((input) => input.name);
  const say = (setting: string, what: string, more: Fault['parts']['facts'] = []): void => {
    const place = placeOf(setting);
    faults.push(new Fault({ exit: 2, what, facts: more, ...(place && { place }) }));
  };
  const named = [
    ...Object.keys(parseShapes(config.input_shapes).shapes).map((name) => ({ setting: 'input_shapes', name })),
    ...config.quant.input_configs.map((entry, i) => ({ setting: `quant.input_configs[${i}].tensor_name`, name: entry.tensor_name })),
    ...config.input_processors.map((entry, i) => ({ setting: `input_processors[${i}].tensor_name`, name: entry.tensor_name })),
  ];
  for (const { setting, name } of named) {
    if (name === 'DEFAULT' || inputs.includes(name)) continue;
    if (setting.startsWith('quant.')) misnamed = true;
    const near = nearest(name, inputs);
    say(setting, `the model has no input "${name}"`, [['inputs', inputs.join(', ')], ...(near === undefined ? [] : [['try', near] as const])]);
  }
  for (const [i, { tensor_name, src_extra_shapes }] of config.input_processors.entries()) {
    for (const [k, { shape }] of src_extra_shapes.entries()) {
      for (const input of facts.inputs.filter(({ name }) => tensor_name === 'DEFAULT' || tensor_name === name)) {
        if (shape.length !== input.shape.length) say(`input_processors[${i}].src_extra_shapes[${k}]`, `shape ${shape.join('x')} has ${shape.length} dimensions, input "${input.name}" ${input.shape.length}`, [['model', input.shape.join(' x ')]]);
      }
    }
  }
  for (const input of facts.inputs) {
    if (calibrationOf(config, input.name) !== undefined) faults.push(...faultsOf(() => inputSpecOf(goal, input)));
    // Data under a wrong name are told of already.
    else if (!misnamed) say('quant.input_configs', `no calibration data for input "${input.name}"`, [['try', `an entry with "tensor_name": "${input.name}", or "DEFAULT" for all inputs`]]);
  }
  return faults;
}

function faultsOf(act: () => unknown): readonly Fault[] {
  try {
    act();
    return [];
  } catch (error) {
    if (error instanceof Fault) return [error];
    if (error instanceof Faults) return error.faults;
    throw error;
  }
}

function throwAny(faults: readonly Fault[]): void {
  if (faults.length > 0) throw all(faults);
}

function all(faults: readonly Fault[]): Fault | Faults {
  return faults.length === 1 ? faults[0]! : new Faults(faults);
}
