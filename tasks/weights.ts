import * as z from 'zod';
import { defineTask } from '../src/engine/task.ts';

export const weights = defineTask({
  name: 'weights',
  about: 'Quantises one weight tensor, symmetric, one scale per output channel.',
  options: z.strictObject({
    shape: z.array(z.int()),
    axis: z.int(),
    transpose: z.array(z.int()).optional(),
    reshape: z.array(z.int()).optional(),
    dtype: z.enum(['S8', 'S16']),
    refine_weight_threshold: z.number(),
  }),
  inputs: { weight: 'one' },
  outputs: ['codes'],
  light: true,
  async run(job) {
    const { quantiseWeight, writeWeight } = await import('../src/quant/weights.ts');
    const { refine_weight_threshold: refineThreshold, ...how } = job.options;
    return { codes: writeWeight(quantiseWeight(job.input('weight'), how, { refineThreshold })) };
  },
});
