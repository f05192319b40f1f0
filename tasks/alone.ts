import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import { unitEdges, type AloneInputs } from './unit-run.ts';

export const alone = defineTask({
  name: 'alone',
  about: "Runs a unit's groups one by one, each for itself, on one calibration sample: what the linked program must equal.",
  options: z.strictObject(unitEdges),
  inputs: { objects: 'many', scalars: 'many', constants: 'many', samples: 'many' },
  outputs: ['edges'],
  async run(job) {
    const { runAlone, readParts, sampleBytes } = await import('./unit-run.ts');
    const { keptGroups } = await import('./kept-groups.ts');
    const parts: AloneInputs = await readParts(job);
    const samples = await sampleBytes(job.inputs('samples'), job.options);
    const { run, digest } = keptGroups(job, samples);
    const outputs = await runAlone(parts, samples, job.options, run);
    return { edges: utf8(canonical(outputs.map((_, group) => digest(group)))) };
  },
});
