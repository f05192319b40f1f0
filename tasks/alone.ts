import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import { quantOrNone, unitEdges, type AloneInputs } from './unit-run.ts';

export const alone = defineTask({
  name: 'alone',
  about: "Runs a unit's groups one by one, each for itself, on one calibration sample: what the linked program must equal, and how close that is to the float network.",
  options: z.strictObject({
    ...unitEdges,
    /** Scale and zero of each output of the unit, in order. */
    sinks: z.array(quantOrNone),
  }),
  // `floats`: what the float network has on the unit's outputs.
  inputs: { objects: 'many', scalars: 'many', constants: 'many', samples: 'many', floats: 'many' },
  outputs: ['edges', 'cosine'],
  async run(job) {
    const { runAlone, readParts, sampleBytes } = await import('./unit-run.ts');
    const { keptGroups } = await import('./kept-groups.ts');
    const { lowestCosine } = await import('./closeness.ts');
    const parts: AloneInputs = await readParts(job);
    const samples = await sampleBytes(job.inputs('samples'), job.options);
    const { run, digest } = keptGroups(job, samples);
    const outputs = await runAlone(parts, samples, job.options, run);
    return {
      edges: utf8(canonical(outputs.map((_, group) => digest(group)))),
      cosine: utf8(canonical(await lowestCosine(outputs, job.inputs('floats'), job.options))),
    };
  },
});
