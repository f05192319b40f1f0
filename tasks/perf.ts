import * as z from 'zod';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { FusedGroup } from '../src/quant/network.ts';
import { compileFor, ddrShare, targetOf } from './compile-for.ts';
import { wiring } from './unit-run.ts';

/** What people call the parts of a unit: this task alone is told. */
const names = z.strictObject({
  unit: z.string(),
  edges: z.array(z.string()),
  groups: z.array(z.strictObject({ label: z.string(), kind: z.string(), operators: z.array(z.string()) })),
});

export function perfNames(unit: string, edges: readonly string[], groups: readonly FusedGroup[]): z.infer<typeof names> {
  return { unit, edges: [...edges], groups: groups.map(({ alias, kind, nodes }) => ({ label: alias, kind, operators: [...nodes] })) };
}

export const perf = defineTask({
  name: 'perf',
  about: 'Describes what a linked program does when (npu_perf): a trace for viewers, and a table with a row a group.',
  options: compileFor.extend({ ...ddrShare, ...wiring, names }),
  inputs: { program: 'one', macs: 'one' },
  outputs: ['trace', 'profile'],
  light: true,
  async run(job) {
    const { edgeBytes } = await import('../src/npu/memory.ts');
    const { profileText } = await import('../src/npu/profile.ts');
    const { readProgram } = await import('../src/npu/program.ts');
    const { tasksOf, traceText } = await import('../src/npu/trace.ts');
    const { inMode } = await import('../src/targets/mode.ts');
    const { mode, names: called, wiring: groups, edges } = job.options;
    const program = readProgram(job.input('program'));
    const macs = JSON.parse(textOf(job.input('macs'))) as number[];
    const target = inMode(targetOf(job.options), mode, job.options.ddrBytesPerCycle);
    const unit = {
      unit: called.unit,
      edges: edges.map(({ edge }, e) => ({ name: called.edges[e]!, bytes: edgeBytes(edge) })),
      groups: groups.map((group, g) => ({ label: called.groups[g]!.label, ...group })),
    };
    const tasks = tasksOf(unit, program, target);
    const typeOf = (e: number): string => `${edges[e]!.edge.dtype}[${edges[e]!.edge.shape.join(',')}]`;
    const rows = groups.map(({ inputs, output }, g) => ({ ...called.groups[g]!, inputs: inputs.map(typeOf), output: typeOf(output), macs: macs[g]! }));
    return { trace: utf8(traceText(unit, program, tasks, { mhz: target.clockMhz })), profile: utf8(profileText(rows, tasks)) };
  },
});
