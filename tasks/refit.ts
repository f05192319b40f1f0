import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { GroupStructure } from '../src/ops/group.ts';
import type { FusedNetwork, ResolvedNetwork } from '../src/quant/network.ts';

export const refit = defineTask({
  name: 'refit',
  about: 'The quantised network at other input shapes: scales and weights as they are, shapes anew.',
  options: z.strictObject({}),
  inputs: { base: 'one', network: 'one', resolved: 'one' },
  outputs: ['network'],
  light: true,
  async run(job) {
    const { refit: refitNetwork } = await import('../src/quant/refit.ts');
    const resolved = JSON.parse(textOf(job.input('resolved'))) as ResolvedNetwork;
    const network = refitNetwork({
      resolved,
      base: JSON.parse(textOf(job.input('base'))) as FusedNetwork,
      network: JSON.parse(textOf(job.input('network'))) as FusedNetwork,
      structureOf: (digest) => JSON.parse(textOf(job.blob(digest))) as GroupStructure,
      keep: (bytes) => job.keep(bytes),
    });
    const refs = [...new Set(network.groups.flatMap((group) => [group.structure, group.values, ...group.floats, ...group.weights.map((weight) => weight.float)]))].sort();
    return { network: { bytes: utf8(canonical(network as never)), refs } };
  },
});
