// The story of one model, on one page: an ordinary async function that awaits results and decides what comes next.
// Keys are made of input content, so a step whose inputs came out the same is a hit, whatever happened before it.
import { basename, dirname } from 'node:path';
import { utf8 } from '../src/base/bytes.ts';
import type { Build, Outputs } from '../src/engine/build.ts';
import type { Artifact } from '../src/engine/task.ts';
import type { UnitPlan } from '../src/quant/network.ts';
import { assemble, suffixOf } from './assemble.ts';
import { calibrationData } from './calibration.ts';
import { exportFloat, weightsFile } from './export.ts';
import { fuse } from './fuse.ts';
import type { ModelGoal } from './goal.ts';
import { load } from './load.ts';
import { merge } from './merge.ts';
import { numbersOf, type Numbers } from './numbers.ts';
import { observe } from './observe.ts';
import { optimise } from './optimise.ts';
import { partition } from './partition.ts';
import { jsonOf } from './passing.ts';
import { quantisedOnnx } from './qdq.ts';
import { resolve } from './resolve.ts';
import { checkOf, compressionOf, inputForms, inputScalings, layerConfigs, rangesOf, toolchainSettings } from './settings.ts';
import { sample } from './sample.ts';
import { labelOf, type Size } from './size.ts';
import { compileSizes, extraShapesOf, groupLabel, refuseBatches, shownBatch } from './sizes.ts';
import { preflight, preflightNames } from './preflight.ts';

/** What a goal publishes: path below output_dir -> artifact, or bytes that no job made. */
export type Published = Readonly<Record<string, Artifact | Uint8Array>>;

export interface Built {
  readonly published: Published;
  readonly numbers: Numbers;
}

export async function buildModel(build: Build, goal: ModelGoal): Promise<Built> {
  const { name, config, target } = goal;
  const { quant, onnx_opt } = config;
  const settings = await toolchainSettings();

  // 1. The float network.
  const file = basename(config.input);
  const { model, facts } = await preflight(build, goal);
  const { resolveExternal } = await import('../src/onnx/external.ts');
  const externals = await Promise.all(facts.externals.map((location) => build.source(resolveExternal(dirname(config.input), location, file))));
  const ops = facts.operators.map((type) => `ops/${type}`);
  const optimisedAt = async (inputShapes: string, label: string): Promise<Outputs> => {
    const loaded = await build.run(load, { label, options: { file, input_shapes: inputShapes, externals: facts.externals }, inputs: { model, externals }, uses: ops });
    return build.run(optimise, {
      label,
      options: { enabled: !onnx_opt.disable_onnx_optimization, check: checkOf(config), runtime: settings.runtime },
      inputs: { graph: loaded['graph']! },
      uses: [...ops, ...settings.passes],
    });
  };
  const shapes = [config.input_shapes, ...extraShapesOf(config, facts)];
  const optimising = shapes.map((text, group) => optimisedAt(text, labelOf(goal, groupLabel(group))));
  // A bad sample, or shapes that don't go together, are told of now, not behind everything slow.
  const [[optimised, ...extras], { inputs, arrivals, batches }] = await Promise.all([Promise.all(optimising), calibrationData(build, goal, facts)]);
  const graph = optimised!['graph']!;
  const { operators } = await jsonOf<{ operators: string[] }>(build, optimised!['report']!);
  const members = operators.map((type) => `ops/${type}`);

  // 2. Its groups, from structure alone; what every float tensor looks like, one pass an image.
  const fusing = {
    options: { fusing: settings.fusing, unsupported: target.unsupported.filter((type) => operators.includes(type)), inputs: inputForms(config) },
    uses: members,
  };
  const fused = await build.run(fuse, { label: name, ...fusing, inputs: { graph } });
  const network = fused['network']!;
  await preflightNames(build, goal, { graph, network });
  const parts = await build.run(partition, { label: name, options: { ranges: rangesOf(config) }, inputs: { network } });
  const units = parts['units']!;
  refuseBatches(goal, { facts, units: await jsonOf(build, units) });
  const exporting = build.run(exportFloat, { label: name, options: { dump_frontend_graph: config.debug.dump_frontend_graph }, inputs: { graph, network } });
  exporting.catch(() => {}); // whoever awaits it hears of it
  const { runtime } = settings;
  const seen = { inputs, runtime };
  const sampling = { inputs, arrivals, runtime };
  const observed = build.map(observe, batches.map(({ label, entries }) => ({ label: `${name} ${label}`, options: seen, inputs: { graph, entries } })));
  const sampled = build.run(sample, { label: name, options: sampling, inputs: { graph, network, entries: batches[0]!.entries } });
  const [sketches, samples] = await Promise.all([observed, sampled]);
  const merged = await build.run(merge, { label: name, inputs: { sketches: sketches.map((one) => one['sketch']!) } });

  // 3. Types, scales and zeros of the whole network, before it is cut.
  const resolved = await build.run(resolve, {
    label: name,
    options: { method: quant.calibration_method, fusing: settings.fusing, layer_configs: layerConfigs(config), highest_mix_precision: quant.highest_mix_precision, inputs: inputScalings(config, facts) },
    inputs: { graph, network, sketch: merged['sketch']! },
    uses: [...members, `methods/${quant.calibration_method}`],
  });

  // 4. Subgraphs, each compiled from its groups; for other batches and shapes of the inputs as well.
  const base: Size = { label: '', graph, network, resolved: resolved['network']!, samples: samples['tensors']! };
  const chains = await compileSizes(build, goal, {
    base, units, uses: members,
    sizing: { base, fuse: fusing, sample: { options: sampling, entries: batches.map(({ entries }) => entries) } },
    extras: extras.map((one) => one['graph']!),
  });
  const compiled = chains.flatMap((chain) => chain.batches.map((one) => one.compiled));

  // 5. One file for the runtime, and the files people look into.
  const assembling = build.run(assemble, {
    label: name,
    options: {
      target: target.name, mode: config.npu_mode, modeIndex: target.modes.findIndex((mode) => mode.name === config.npu_mode),
      batch: shownBatch(config), chains: chains.map((chain) => chain.batches.map(({ batch }) => batch)),
      compress: compressionOf(config, await jsonOf<UnitPlan[]>(build, units)),
    },
    inputs: {
      graph, network, resolved: base.resolved, units, report: resolved['report']!,
      networks: chains.map((chain) => chain.network), cpus: chains.flatMap((chain) => chain.cpus),
      macs: compiled.flatMap((one) => one.macs), programs: compiled.flatMap((one) => one.programs), constants: compiled.flatMap((one) => one.constants),
    },
  });
  // Behind assemble, beside the checks: nothing else waits for it.
  const standard = quantisedOnnx(build, goal, { graph, network, resolved: base.resolved });
  const [container, floats, qdq] = await Promise.all([assembling, exporting, standard]);
  const traces = await Promise.all(chains.flatMap(({ batches: sizes }, group) => sizes.map(async ({ batch, compiled: one }) => {
    const units = await one.perf(suffixOf(group));
    return units.flatMap(({ unit, trace, profile }) => [[`compiler/debug/${unit}/b${batch}/trace.json`, trace], [`compiler/debug/${unit}/b${batch}/op_profile.csv`, profile]] as const);
  })));
  const [checked] = await Promise.all(compiled.map((one) => one.checks));
  const figures: object = await jsonOf(build, container['facts']!);
  const cosines = await Promise.all(checked!.cosines.map((cosine) => jsonOf<number>(build, cosine)));
  const published = {
    [config.output_name]: container['container']!,
    'frontend/optimized.onnx': floats['optimized']!,
    ...(config.debug.dump_frontend_graph && { 'frontend/optimized_quant_axmodel.onnx': floats['frontend']! }),
    'quant/quant_axmodel.onnx': container['quant_onnx']!,
    [`quant/${weightsFile}`]: floats['weights']!,
    'quant/quant_axmodel.json': container['quant_json']!,
    ...qdq,
    ...Object.fromEntries(traces.flat()),
    'build_context.json': utf8(`${JSON.stringify({ config: JSON.parse(goal.effective) as object, ...figures }, null, 2)}\n`),
  };
  return { published, numbers: numbersOf(figures, { containerBytes: container['container']!.size, cosines }) };
}
