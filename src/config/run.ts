// The flags of `axbuild run`, checked against the same schema.
import { resolve } from 'node:path';
import { Fault, Faults } from '../base/fault.ts';
import { checkMessage } from './check.ts';
import { flagSettings, type FlagValues } from './flags.ts';
import { applySettings } from './merge.ts';
import { fieldsOf, type RunConfig } from './schema.ts';
import { emptyMap } from './tree.ts';

/** Paths come back absolute, relative ones taken from `cwd`. */
export function resolveRun(flags: FlagValues, cwd: string): RunConfig {
  const { value, faults } = checkMessage(applySettings(emptyMap(''), flagSettings('RunConfig', flags)), 'RunConfig');
  const absent = Object.entries(fieldsOf('RunConfig')).filter(([name, field]) => field.required && !flags[name]?.[0]);
  const all = [...absent.map(([name, { about }]) => new Fault({ exit: 2, what: `--${name} is missing`, facts: [['about', about]] })), ...faults];
  const [first] = all;
  if (first !== undefined) throw all.length === 1 ? first : new Faults(all);
  const at = (path: string): string => (path === '' ? '' : resolve(cwd, path));
  return { ...value, model: at(value.model), input_dir: at(value.input_dir), output_dir: at(value.output_dir), list: at(value.list) };
}
