import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import { inputSpec, modelInput } from './dataset.ts';

export const unpack = defineTask({
  name: 'unpack',
  about: 'Opens a calibration archive and reads every entry once, so that a bad one is told of before the first float pass.',
  options: z.strictObject({
    archive: z.string(),
    input: inputSpec,
    /** How many entries will be used; -1 for all. Only those are read through. */
    most: z.int(),
  }),
  inputs: { archive: 'one' },
  outputs: ['index'],
  async run(job) {
    const { readArchive } = await import('../src/dataset/archive.ts');
    const { archive, input, most } = job.options;
    const entries = await readArchive(job.input('archive'), archive);
    for (const entry of most < 0 ? entries : entries.slice(0, most)) await modelInput(entry.bytes, input, `${archive}: ${entry.name}`);
    const rows = entries.map(({ name, bytes }) => ({ name, digest: job.keep(bytes), size: bytes.byteLength }));
    job.say(`${rows.length} File(s) Loaded.`);
    return { index: { bytes: utf8(canonical(rows)), refs: rows.map((row) => row.digest) } };
  },
});
