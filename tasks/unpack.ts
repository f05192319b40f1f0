import * as z from 'zod';
import { canonical } from '../src/base/canonical.ts';
import { utf8 } from '../src/base/bytes.ts';
import { defineTask } from '../src/engine/task.ts';
import type { EntryRow } from './passing.ts';
import { entrySpec, readEntry } from './dataset.ts';

export const unpack = defineTask({
  name: 'unpack',
  about: 'Opens a calibration archive and reads its entries: a bad one is told of before the first float pass, and none is decoded twice.',
  options: z.strictObject({
    archive: z.string(),
    input: entrySpec,
    /** How many entries will be used; -1 for all. Only those are read. */
    most: z.int(),
    /** Whether other inputs have archives as well: which entries come first. */
    paired: z.boolean(),
  }),
  inputs: { archive: 'one' },
  outputs: ['index'],
  async run(job) {
    const { readArchive } = await import('../src/dataset/archive.ts');
    const { usedNames } = await import('../src/dataset/batches.ts');
    const { archive, input, most, paired } = job.options;
    const entries = await readArchive(job.input('archive'), archive);
    const used = new Set(usedNames(entries.map((entry) => entry.name), { most, paired }));
    const rows: EntryRow[] = [];
    for (const { name, bytes } of entries) {
      if (!used.has(name)) {
        rows.push({ name });
        continue;
      }
      const read = await readEntry(bytes, input, `${archive}: ${name}`);
      rows.push({ name, digest: job.keep(read), size: read.byteLength });
    }
    job.say(`${rows.length} File(s) Loaded.`);
    return { index: { bytes: utf8(canonical(rows.map((row) => ({ ...row })))), refs: rows.flatMap((row) => row.digest ?? []) } };
  },
});
