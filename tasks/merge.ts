import * as z from 'zod';
import { defineTask } from '../src/engine/task.ts';

export const merge = defineTask({
  name: 'merge',
  about: 'Joins the sketches of all calibration images into one.',
  options: z.strictObject({}),
  inputs: { sketches: 'many' },
  outputs: ['sketch'],
  light: true,
  async run(job) {
    const { mergeSketches, readSketch, writeSketch } = await import('../src/quant/sketch.ts');
    return { sketch: writeSketch(mergeSketches(job.inputs('sketches').map(readSketch))) };
  },
});
