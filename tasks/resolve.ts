import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import type { Digest } from '../src/base/digest.ts';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { FusedNetwork } from '../src/quant/network.ts';
import { layerPath } from './setting-path.ts';

const layerConfig = z.strictObject({
  layer_name: z.string(),
  layer_names: z.array(z.string()),
  op_type: z.string(),
  op_types: z.array(z.string()),
  start_tensor_names: z.array(z.string()),
  end_tensor_names: z.array(z.string()),
  data_type: z.string().optional(),
  weight_data_type: z.string().optional(),
  output_data_type: z.string().optional(),
});

export const resolve = defineTask({
  name: 'resolve',
  about: 'Gives every edge its type, scale and zero, and every group its canonical records.',
  options: z.strictObject({
    method: z.string(),
    fusing: z.array(z.string()),
    layer_configs: z.array(layerConfig),
    highest_mix_precision: z.boolean(),
    inputs: z.array(z.strictObject({ tensor: z.string(), mean: z.array(z.number()), std: z.array(z.number()) })),
  }),
  inputs: { graph: 'one', network: 'one', sketch: 'one' },
  outputs: ['network', 'report'],
  light: true,
  async run(job) {
    const { resolve: resolveNetwork } = await import('../src/quant/resolve.ts');
    const { readSketch } = await import('../src/quant/sketch.ts');
    const { readGraph } = await import('../src/graph/record.ts');
    const { method, fusing, layer_configs: layerConfigs, highest_mix_precision: highestMix, inputs } = job.options;
    const kept = new Set<Digest>();
    const { network, report } = resolveNetwork({
      graph: readGraph(job.input('graph')),
      network: JSON.parse(textOf(job.input('network'))) as FusedNetwork,
      sketch: readSketch(job.input('sketch')),
      method, layerConfigs, highestMix, inputs,
      // The pipeline replaces a setting's path by the line the user wrote it on.
      placeOf: (index, name) => ({ file: layerPath(layerConfigs, index, name) }),
      fusesChain: (kind) => fusing.includes(kind),
      keep: (bytes) => {
        const digest = job.keep(bytes);
        kept.add(digest);
        return digest;
      },
    });
    for (const note of report.notes) job.say(note);
    const refs = new Set([...kept, ...network.groups.flatMap((group) => [...group.floats, ...group.weights.map((weight) => weight.float)])]);
    // Records of JSON values, which their interfaces can't say.
    return { network: { bytes: utf8(canonical(network as never)), refs: [...refs].sort() }, report: utf8(canonical(report as never)) };
  },
});
