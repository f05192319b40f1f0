import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { FusedNetwork } from '../src/quant/network.ts';
import { rangePath } from './setting-path.ts';

export const partition = defineTask({
  name: 'partition',
  about: 'Cuts the network into NPU and CPU subgraphs.',
  options: z.strictObject({ ranges: z.array(z.strictObject({ start: z.array(z.string()), end: z.array(z.string()) })) }),
  inputs: { network: 'one' },
  outputs: ['units'],
  light: true,
  async run(job) {
    const { partition: cut } = await import('../src/quant/partition.ts');
    const network = JSON.parse(textOf(job.input('network'))) as FusedNetwork;
    const { ranges } = job.options;
    const units = cut(network, {
      ranges: ranges.map((range, index) => ({ ...range, index })),
      // The pipeline replaces a setting's path by the line the user wrote it on.
      placeOf: (index, name) => ({ file: rangePath(ranges, index, name) }),
    });
    for (const unit of units) job.say(`${unit.name}: ${unit.type}, ${unit.groups.length} groups`);
    return { units: utf8(canonical(units as never)) };
  },
});
