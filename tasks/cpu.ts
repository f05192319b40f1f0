import * as z from 'zod';
import { textOf } from '../src/base/bytes.ts';
import type { Digest } from '../src/base/digest.ts';
import { defineTask } from '../src/engine/task.ts';
import type { FusedNetwork, ResolvedNetwork, UnitPlan } from '../src/quant/network.ts';

export const cpu = defineTask({
  name: 'cpu',
  about: 'Writes the float model of a CPU subgraph.',
  options: z.strictObject({ unit: z.string() }),
  inputs: { graph: 'one', network: 'one', resolved: 'one', units: 'one' },
  outputs: ['model'],
  async run(job) {
    const { cpuModel } = await import('../src/quant/cpu.ts');
    const { readGraph } = await import('../src/graph/record.ts');
    const { writeOnnx } = await import('../src/onnx/write.ts');
    const unit = (JSON.parse(textOf(job.input('units'))) as UnitPlan[]).find((one) => one.name === job.options.unit)!;
    const made = new Map<Digest, Uint8Array>();
    const { digestOf } = await import('../src/base/digest.ts');
    const model = cpuModel(readGraph(job.input('graph')), {
      network: JSON.parse(textOf(job.input('network'))) as FusedNetwork,
      resolved: JSON.parse(textOf(job.input('resolved'))) as ResolvedNetwork,
      unit,
      keep: (bytes) => {
        const digest = digestOf(bytes);
        made.set(digest, bytes);
        return digest;
      },
    });
    return { model: writeOnnx(model, (digest) => made.get(digest) ?? job.blob(digest)) };
  },
});
