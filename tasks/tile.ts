import { textOf } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { GroupStructure } from '../src/ops/group.ts';
import { compileFor, targetOf } from './compile-for.ts';

export const tile = defineTask({
  name: 'tile',
  about: 'Plans one group: tiles, residencies, relocatable code. Reads no scale, weight or name.',
  options: compileFor,
  inputs: { structure: 'one' },
  outputs: ['menu'],
  light: true,
  async run(job) {
    const { tile: tileGroup } = await import('../src/npu/tile.ts');
    const { writeMenu } = await import('../src/npu/menu.ts');
    const structure = JSON.parse(textOf(job.input('structure'))) as GroupStructure;
    return { menu: writeMenu(tileGroup(structure, { target: targetOf(job.options), mode: job.options.mode })) };
  },
});
