import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { LinkEdge, LinkGroup } from '../src/npu/object.ts';
import { chainShape } from './chain.ts';
import { compileFor, ddrShare, targetOf } from './compile-for.ts';
import { wiring } from './unit-run.ts';

export const link = defineTask({
  name: 'link',
  about: "Makes one program of a unit's groups: variants, residency, order, addresses, waits.",
  options: compileFor.extend({
    ...ddrShare,
    ...wiring,
    /** Which groups may run as one, stripe by stripe: their menus are `chains`. */
    chains: z.array(z.strictObject({ groups: z.array(z.int()), shape: chainShape })),
  }),
  inputs: { menus: 'many', scalars: 'many', chains: 'many' },
  outputs: ['program', 'macs'],
  light: true,
  async run(job) {
    const { linkChains } = await import('../src/npu/link-chains.ts');
    const { readMenu } = await import('../src/npu/menu.ts');
    const { edgeBytes } = await import('../src/npu/memory.ts');
    const { writeProgram } = await import('../src/npu/program.ts');
    const scalars = job.inputs('scalars').map((bytes) => JSON.parse(textOf(bytes)) as Record<string, number>);
    const groups: LinkGroup[] = job.inputs('menus').map((bytes, g) => ({ menu: readMenu(bytes), scalars: scalars[g]!, ...job.options.wiring[g]! }));
    const edges: LinkEdge[] = job.options.edges.map((one) => ({ bytes: edgeBytes(one.edge), role: one.role }));
    const chains = job.inputs('chains').map((bytes, c) => ({ menu: readMenu(bytes), ...job.options.chains[c]! }));
    const program = linkChains(groups, edges, chains, { target: targetOf(job.options), mode: job.options.mode, ddrBytesPerCycle: job.options.ddrBytesPerCycle });
    const { cycles, ocmPeak, ocmLive, swapPeak, swapLive } = program.stats;
    job.say(`max_cycle = ${cycles}, on-chip peak ${ocmPeak} (live ${ocmLive}), swap peak ${swapPeak} (live ${swapLive})`);
    return { program: writeProgram(program), macs: utf8(canonical(groups.map((group) => group.menu.macs))) };
  },
});
