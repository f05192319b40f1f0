import * as z from 'zod';
import { textOf } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { GroupStructure } from '../src/ops/group.ts';
import { compileFor, targetOf } from './compile-for.ts';

const edge = z.int();

/** A chain in numbers of its own, so that chains that are alike are one job. */
export const chainShape = z.strictObject({ members: z.array(z.strictObject({ inputs: z.array(edge), output: edge })), inputs: z.array(edge), output: edge });

export const chain = defineTask({
  name: 'chain',
  about: 'Plans groups that run stripe by stripe (enable_tile_mode): stripes, residencies, relocatable code. Reads what tile reads.',
  options: compileFor.extend({ shape: chainShape }),
  inputs: { structures: 'many' },
  outputs: ['menu'],
  light: true,
  async run(job) {
    const { tileChain } = await import('../src/npu/chains.ts');
    const { writeMenu } = await import('../src/npu/menu.ts');
    const structures = job.inputs('structures').map((bytes) => JSON.parse(textOf(bytes)) as GroupStructure);
    return { menu: writeMenu(tileChain(structures, job.options.shape, { target: targetOf(job.options), mode: job.options.mode })) };
  },
});
