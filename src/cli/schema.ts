// `axbuild schema`: the JSON Schema of the configuration or of the manifest, for editors.
import { Fault } from '../base/fault.ts';
import { configSchema, manifestSchema } from '../config/index.ts';
import type { Arguments } from './arguments.ts';

const schemas = { manifest: manifestSchema, config: configSchema } as const;

export async function schema({ words }: Arguments): Promise<0> {
  const [name = 'manifest', ...more] = words;
  if (!Object.hasOwn(schemas, name) || more.length > 0) {
    throw new Fault({ exit: 2, what: more.length > 0 ? 'one schema at a time' : `there is no schema of "${name}"`, facts: [['known', Object.keys(schemas).join(', ')]] });
  }
  process.stdout.write(`${JSON.stringify(schemas[name as keyof typeof schemas](), null, 2)}\n`);
  return 0;
}
