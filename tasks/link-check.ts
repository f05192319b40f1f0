import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { textOf, utf8 } from '../src/base/bytes.ts';
import { digestOf } from '../src/base/digest.ts';
import { defineTask } from '../src/engine/task.ts';
import { compare, strictness } from './checking.ts';
import { readParts, runAlone, sampleBytes, unitEdges } from './unit-run.ts';

export const linkCheck = defineTask({
  name: 'link_check',
  about: 'Runs the linked program of a unit, every rule of execution checked, and compares each edge with what the groups made alone.',
  options: z.strictObject({ ...strictness, ...unitEdges }),
  inputs: { program: 'one', alone: 'one', objects: 'many', scalars: 'many', constants: 'many', samples: 'many' },
  outputs: ['verdict'],
  async run(job) {
    const { space } = await import('../src/npu/isa.ts');
    const { edgeBytes, fromMemory } = await import('../src/npu/memory.ts');
    const { paramsOf } = await import('../src/npu/params.ts');
    const { readProgram } = await import('../src/npu/program.ts');
    const { simulate } = await import('../src/npu/simulate.ts');
    const { edges, wiring: groups } = job.options;
    const program = readProgram(job.input('program'));
    const expected = JSON.parse(textOf(job.input('alone'))) as string[];
    const inputs = await sampleBytes(job.inputs('samples'), job.options);

    // A copy of every edge at the moment it is complete. Those inside of a chain never are: its end stands for them.
    const seen = groups.flatMap(({ output }, group) => (program.edges[output]!.space === space.none ? [] : [{ group, output }]));
    const { probes, saturations } = simulate(program, paramsOf(program, job.inputs('constants')), inputs, {
      strict: true,
      probes: seen.map(({ output }) => {
        const { space: where, offset, completeAfter: after } = program.edges[output]!;
        return { after, space: where, offset, bytes: edgeBytes(edges[output]!.edge) };
      }),
    });
    const first = probes.findIndex((bytes, i) => digestOf(bytes) !== expected[seen[i]!.group]);
    if (first >= 0) {
      const wrong = seen[first]!.group;
      const { edge } = edges[groups[wrong]!.output]!;
      const due = (await runAlone(await readParts(job), inputs, job.options))[wrong]!;
      compare(`group ${wrong} of the linked program`, { reference: fromMemory(due, edge), program: fromMemory(probes[first]!, edge), quant: null, by: { ...job.options, level: 2 } });
    }
    return { verdict: utf8(canonical({ groups: groups.length, saturations })) };
  },
});
