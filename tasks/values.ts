import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { GroupStructure, GroupValues, QuantisedWeight } from '../src/ops/group.ts';

export const values = defineTask({
  name: 'values',
  about: "Resolves one group's integers: multipliers, biases, tables; packs them for the NPU.",
  options: z.strictObject({ roles: z.array(z.string()) }),
  inputs: { structure: 'one', values: 'one', weights: 'many' },
  outputs: ['params', 'constants', 'scalars'],
  light: true,
  async run(job) {
    const { kindOf } = await import('../src/ops/kinds/index.ts');
    const { writeParams } = await import('../src/ops/kinds/params-pack.ts');
    const { packConstants } = await import('../src/npu/constants.ts');
    const { readWeight } = await import('../src/quant/weights.ts');
    const structure = JSON.parse(textOf(job.input('structure'))) as GroupStructure;
    const record = JSON.parse(textOf(job.input('values'))) as GroupValues;
    const codes = job.inputs('weights').map(readWeight);
    const weights: Record<string, QuantisedWeight> = Object.fromEntries(job.options.roles.map((role, i) => [role, codes[i]!]));
    const params = kindOf(structure.kind).params(structure, record, weights, (digest) => job.blob(digest));
    return { params: writeParams(params), constants: packConstants(structure, params), scalars: utf8(canonical(params.scalars)) };
  },
});
