import { z } from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { Codes } from '../src/ops/group.ts';
import { compare, strictness } from './checking.ts';
import { compileFor, targetOf } from './compile-for.ts';
import { wiring } from './link.ts';

export const linkCheck = defineTask({
  name: 'link_check',
  about: 'Compares the linked program of a unit with its groups simulated one by one, on one calibration sample.',
  options: compileFor.extend({
    ...strictness,
    ...wiring,
    /** Scale and zero of each input of the unit, in order; null where values arrive as they are. */
    sources: z.array(z.strictObject({ quant: z.strictObject({ scale: z.number(), zero: z.number() }).nullable() })),
  }),
  inputs: { program: 'one', menus: 'many', scalars: 'many', constants: 'many', samples: 'many' },
  outputs: ['verdict'],
  async run(job) {
    const { sampleCodes } = await import('../src/quant/codes.ts');
    const { readMenu } = await import('../src/npu/menu.ts');
    const { edgeBytes, fromMemory, toMemory } = await import('../src/npu/memory.ts');
    const { paramsOf } = await import('../src/npu/params.ts');
    const { readProgram } = await import('../src/npu/program.ts');
    const { simulate } = await import('../src/npu/simulate.ts');
    const { runGroup } = await import('../src/npu/lone-group.ts');

    const { edges, wiring: groups, sources } = job.options;
    const program = readProgram(job.input('program'));
    const constants = job.inputs('constants');
    const menus = job.inputs('menus').map(readMenu);
    const scalars = job.inputs('scalars').map((bytes) => JSON.parse(textOf(bytes)) as Record<string, number>);
    const inputs = job.inputs('samples').map((bytes, i) => toMemory(sampleCodes(bytes, edges[i]!.edge, sources[i]!.quant), edges[i]!.edge));

    // The linked program, with a copy of every edge at the moment it is complete.
    const linked = simulate(program, paramsOf(program, constants), inputs, {
      strict: true,
      probes: groups.map(({ output }) => {
        const { space, offset, completeAfter: after } = program.edges[output]!;
        return { after, space, offset, bytes: edgeBytes(edges[output]!.edge) };
      }),
    });

    // Its groups, one by one; what they may do is checked by their own checks.
    const at: (Uint8Array | undefined)[] = edges.map((_, e) => inputs[e]);
    groups.forEach((group, g) => {
      const structure = { inputs: group.inputs.map((e) => edges[e]!.edge), output: edges[group.output]!.edge };
      const lone = { structure, menu: menus[g]!, scalars: scalars[g]!, constants: constants[g]!, target: targetOf(job.options), mode: job.options.mode };
      const alone = runGroup(lone, group.inputs.map((e) => at[e]!), { strict: false });
      at[group.output] = alone;
      const probe = linked.probes[g]!;
      if (Buffer.compare(alone, probe) === 0) return;
      const codes = (bytes: Uint8Array): Codes => fromMemory(bytes, structure.output);
      compare(`group ${g} of the linked program`, { reference: codes(alone), program: codes(probe), quant: null, by: { ...job.options, level: 2 } });
    });
    return { verdict: utf8(canonical({ groups: groups.length, saturations: linked.saturations })) };
  },
});
