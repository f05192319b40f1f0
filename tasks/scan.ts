import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';

export const scan = defineTask({
  name: 'scan',
  about: 'Reads what a model says of itself: inputs, outputs, operators, external files.',
  options: z.strictObject({ file: z.string() }),
  inputs: { model: 'one' },
  outputs: ['facts'],
  async run(job) {
    const { scanOnnx } = await import('../src/onnx/scan.ts');
    // A record of JSON values, which its interface can't say.
    return { facts: utf8(canonical(scanOnnx(job.input('model'), job.options.file) as never)) };
  },
});
