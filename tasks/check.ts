import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { Codes, Edge, GroupStructure, GroupValues } from '../src/ops/group.ts';
import { compare, strictness } from './checking.ts';

/** Below this many distinct values a tensor says too little: random codes are checked as well. */
const distinctMin = 32;

export const check = defineTask({
  name: 'check',
  about: "Runs one group's encoded program on a calibration sample and compares it with the integer reference.",
  options: z.strictObject(strictness),
  inputs: { structure: 'one', values: 'one', params: 'one', scalars: 'one', object: 'one', constants: 'one', samples: 'many' },
  outputs: ['verdict'],
  async run(job) {
    const { kindOf } = await import('../src/ops/kinds/index.ts');
    const { readParams } = await import('../src/ops/kinds/params-pack.ts');
    const { sampleCodes, randomCodes, distinctValues } = await import('../src/quant/codes.ts');
    const { readMenu } = await import('../src/npu/menu.ts');
    const { runObject } = await import('../src/npu/lone-group.ts');
    const { fromMemory, toMemory } = await import('../src/npu/memory.ts');

    const structure = JSON.parse(textOf(job.input('structure'))) as GroupStructure;
    const values = JSON.parse(textOf(job.input('values'))) as GroupValues;
    const params = readParams(job.input('params'));
    const scalars = JSON.parse(textOf(job.input('scalars'))) as Record<string, number>;
    const group = { structure, menu: readMenu(job.input('object')), scalars, constants: job.input('constants') };

    const sampled = job.inputs('samples').map((bytes, i) => sampleCodes(bytes, structure.inputs[i]!, values.inputs[i]!));
    const cases: Codes[][] = [sampled];
    const distinct = (i: number): number => distinctValues(cases.map((one) => one[i]!));
    const isThin = (edge: Edge, i: number): boolean => edge.dtype !== 'FP32' && distinct(i) < distinctMin;
    for (let seed = 1; seed <= 64 && structure.inputs.some(isThin); seed++) {
      cases.push(structure.inputs.map((edge, i) => (edge.dtype === 'FP32' ? sampled[i]! : randomCodes(edge, seed * 100 + i))));
    }

    const kind = kindOf(structure.kind);
    for (const inputs of cases) {
      const reference = kind.integer(structure, params, inputs);
      const bytes = runObject(group, inputs.map((codes, i) => toMemory(codes, structure.inputs[i]!)));
      const program = fromMemory(bytes, structure.output);
      compare(structure.kind, { reference, program, quant: values.output, by: job.options });
    }
    return { verdict: utf8(canonical({ cases: cases.length, distinct: structure.inputs.map((_, i) => distinct(i)) })) };
  },
});
