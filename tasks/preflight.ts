// Everything that can be known before the first slow step is said before it, all at once.
import { statSync } from 'node:fs';
import { Fault, Faults, nearest } from '../src/base/fault.ts';
import { calibrationOf } from '../src/config/index.ts';
import type { Facts } from './passing.ts';
import type { ModelGoal } from './pipeline.ts';

/** Throws a Fault, or all of them: names of inputs that the model doesn't have, data that isn't there. */
export function preflight(facts: Facts, { config, placeOf }: ModelGoal): void {
  const faults: Fault[] = [];
  const inputs = facts.inputs.map((input) => input.name);
  const say = (path: string, what: string, more: readonly (readonly [string, string])[] = []): void => {
    const place = placeOf(path);
    faults.push(new Fault({ exit: 2, what, facts: more, ...(place && { place }) }));
  };

  const named = [
    ...config.quant.input_configs.map((entry, i) => ({ path: `quant.input_configs[${i}].tensor_name`, name: entry.tensor_name })),
    ...config.input_processors.map((entry, i) => ({ path: `input_processors[${i}].tensor_name`, name: entry.tensor_name })),
  ];
  for (const { path, name } of named) {
    if (name === 'DEFAULT' || inputs.includes(name)) continue;
    const near = nearest(name, inputs);
    say(path, `the model has no input "${name}"`, [['inputs', inputs.join(', ')], ...(near === undefined ? [] : [['try', near] as const])]);
  }
  config.quant.input_configs.forEach((entry, i) => {
    const path = `quant.input_configs[${i}].calibration_dataset`;
    const found = statSync(entry.calibration_dataset, { throwIfNoEntry: false });
    if (found === undefined) say(path, `no calibration data at ${entry.calibration_dataset}`);
    else if (!found.isFile()) say(path, `calibration data is not a file: ${entry.calibration_dataset}`, [['built', '.tar, .tar.gz, .tgz, .zip']]);
  });
  for (const name of inputs) {
    if (calibrationOf(config, name) !== undefined) continue;
    say('quant.input_configs', `no calibration data for input "${name}"`, [['try', `an entry with "tensor_name": "${name}", or "DEFAULT" for all inputs`]]);
  }
  const [first, ...others] = faults;
  if (first !== undefined) throw others.length === 0 ? first : new Faults(faults);
}
