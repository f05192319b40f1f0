import * as z from 'zod';
import { textOf } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { GroupStructure } from '../src/ops/group.ts';
import { compileFor, targetOf } from './compile-for.ts';

export const tile = defineTask({
  name: 'tile',
  about: 'Plans one group: tiles, residencies, relocatable code. Reads no scale, weight or name.',
  options: compileFor.extend({ sliced: z.boolean() }),
  inputs: { structure: 'one' },
  outputs: ['menu', 'object'],
  light: true,
  async run(job) {
    const { tile: tileGroup } = await import('../src/npu/tile.ts');
    const { writeMenu } = await import('../src/npu/menu.ts');
    const { plainVariant } = await import('../src/npu/object.ts');
    const structure = JSON.parse(textOf(job.input('structure'))) as GroupStructure;
    const menu = tileGroup(structure, { target: targetOf(job.options), mode: job.options.mode, sliced: job.options.sliced });
    // The one that checks run by itself, apart: reading whole menus would take them longer than running it.
    return { menu: writeMenu(menu), object: writeMenu({ ...menu, variants: [plainVariant(menu)] }) };
  },
});
