// The story of one model, on one page: an ordinary async function that awaits results and decides what comes next.
// Keys are made of input content, so a step whose inputs came out the same is a hit, whatever happened before it.
import { dirname, join } from 'node:path';
import type { BuildConfig } from '../src/config/index.ts';
import type { Build } from '../src/engine/build.ts';
import type { Artifact } from '../src/engine/task.ts';
import type { Target } from '../src/targets/target.ts';
import { compileUnits } from './compile.ts';
import { cpu } from './cpu.ts';
import { assemble } from './assemble.ts';
import { calibrationBatches } from './calibration.ts';
import { exportFiles } from './export.ts';
import { fuse } from './fuse.ts';
import { load } from './load.ts';
import { merge } from './merge.ts';
import { observe } from './observe.ts';
import { optimise } from './optimise.ts';
import { partition } from './partition.ts';
import { jsonOf, type Facts, type PlaceOf } from './passing.ts';
import { resolve } from './resolve.ts';
import { sample } from './sample.ts';
import { scan } from './scan.ts';
import { preflight } from './preflight.ts';

export interface ModelGoal {
  readonly name: string;
  /** Every field set; paths absolute. */
  readonly config: BuildConfig;
  readonly target: Target;
  /** Where the user wrote a setting, for faults. */
  readonly placeOf: PlaceOf;
}

/** What a goal publishes: path below output_dir -> artifact. */
export type Published = Readonly<Record<string, Artifact>>;

export async function buildModel(build: Build, goal: ModelGoal): Promise<Published> {
  const { name, config, target } = goal;
  const { quant, compiler, onnx_opt } = config;

  // 1. The float network.
  const model = await build.source(config.input);
  const scanned = await build.run(scan, { label: `scan ${name}`, inputs: { model } });
  const facts: Facts = await jsonOf(build, scanned['facts']!);
  preflight(facts, goal);
  const externals = await Promise.all(facts.externals.map((file) => build.source(join(dirname(config.input), file))));
  const ops = facts.operators.map((type) => `ops/${type}`);
  const loaded = await build.run(load, {
    label: `load ${name}`,
    options: { input_shapes: config.input_shapes, externals: facts.externals },
    inputs: { model, externals },
    uses: ops,
  });
  const optimised = await build.run(optimise, {
    label: `optimise ${name}`,
    options: { enabled: !onnx_opt.disable_onnx_optimization, check: onnx_opt.model_check },
    inputs: { graph: loaded['graph']! },
    uses: [...ops, ...optimise.members],
  });
  const graph = optimised['graph']!;
  const { operators } = await jsonOf<{ operators: string[] }>(build, optimised['report']!);
  const members = operators.map((type) => `ops/${type}`);

  // 2. Its groups, from structure alone; what every float tensor looks like, one pass an image.
  const fused = await build.run(fuse, {
    label: `fuse ${name}`,
    options: fuse.optionsOf(config, target),
    inputs: { graph },
    uses: [...members, ...fuse.members],
  });
  const network = fused['network']!;
  const batches = await calibrationBatches(build, goal, facts);
  const sketches = await build.map(observe, batches.map(({ label, options, entries }) => ({
    label: `observe ${name} ${label}`, options, inputs: { graph, entries }, uses: members,
  })));
  const samples = await build.run(sample, {
    label: `sample ${name}`,
    options: batches[0]!.options,
    inputs: { graph, network, entries: batches[0]!.entries },
    uses: members,
  });
  const merged = await build.run(merge, { label: `merge ${name}`, inputs: { sketches: sketches.map((one) => one['sketch']!) } });

  // 3. Types, scales and zeros of the whole network, before it is cut.
  const resolved = await build.run(resolve, {
    label: `resolve ${name}`,
    options: resolve.optionsOf(config),
    inputs: { graph, network, sketch: merged['sketch']! },
    uses: [...members, `methods/${quant.calibration_method}`],
  });

  // 4. Subgraphs, each compiled from its groups.
  const parts = await build.run(partition, {
    label: `partition ${name}`,
    options: { ranges: compiler.sub_configs.map(({ start_tensor_names, end_tensor_names }) => ({ start: start_tensor_names, end: end_tensor_names })) },
    inputs: { network },
  });
  const units = await compileUnits(build, goal, { network, resolved: resolved['network']!, units: parts['units']!, samples: samples['tensors']! });
  const cpus = await build.map(cpu, units.cpu.map((unit) => ({
    label: `cpu ${name} ${unit.name}`, options: { unit: unit.name }, inputs: { graph, network, resolved: resolved['network']!, units: parts['units']! }, uses: members,
  })));

  // 5. One file for the runtime, and the files people look into.
  const container = await build.run(assemble, {
    label: `assemble ${name}`,
    options: { name, target: target.name, mode: config.npu_mode },
    inputs: {
      network, resolved: resolved['network']!, units: parts['units']!,
      programs: units.programs, constants: units.constants, cpus: cpus.map((one) => one['model']!),
    },
  });
  const files = await build.run(exportFiles, {
    label: `export ${name}`,
    options: { dump_frontend_graph: config.debug.dump_frontend_graph, config: exportFiles.contextOf(config) },
    inputs: { graph, network, resolved: resolved['network']!, report: resolved['report']!, units: parts['units']!, programs: units.programs },
    uses: members,
  });
  return {
    [config.output_name]: container['container']!,
    'frontend/optimized.onnx': files['optimized']!,
    ...(config.debug.dump_frontend_graph && { 'frontend/optimized_quant_axmodel.onnx': files['frontend']! }),
    'quant/quant_axmodel.onnx': files['quant_onnx']!,
    'quant/quant_axmodel.json': files['quant_json']!,
    'build_context.json': files['context']!,
  };
}
