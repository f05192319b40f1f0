// The task of the synthetic plan: as little as a task can do.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { utf8 } from '../../src/base/bytes.ts';
import { defineTask } from '../../src/engine/task.ts';

export const mix = defineTask({
  name: 'mix',
  about: 'The digest of its inputs.',
  options: z.strictObject({ column: z.number() }),
  inputs: { from: 'many' },
  outputs: ['text'],
  run: async ({ options, inputs }) => ({ text: mixed(inputs('from'), options.column) }),
});

export function mixed(parts: readonly Uint8Array[], column: number): Uint8Array {
  const hash = createHash('sha256').update(String(column));
  for (const part of parts) hash.update(part);
  return utf8(hash.digest('hex'));
}
