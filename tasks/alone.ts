import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { utf8 } from '../src/base/bytes.ts';
import { digestOf } from '../src/base/digest.ts';
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
    const parts: AloneInputs = await readParts(job);
    const outputs = await runAlone(parts, await sampleBytes(job.inputs('samples'), job.options), job.options);
    return { edges: utf8(canonical(outputs.map((bytes) => digestOf(bytes)))) };
  },
});
