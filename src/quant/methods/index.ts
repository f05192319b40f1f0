// The calibration methods. One file and one line add a method.
import { Fault, nearest } from '../../base/fault.ts';
import type { Method } from './method.ts';
import { minMax } from './min-max.ts';

export type { Method, Range } from './method.ts';

export const methods: readonly Method[] = [
  minMax,
];

export function methodOf(name: string): Method {
  const method = methods.find((one) => one.name === name);
  if (method !== undefined) return method;
  const known = methods.map((one) => one.name);
  throw new Fault({
    what: `calibration method "${name}" is not built`,
    facts: [['known', known.join(', ')], ['try', nearest(name, known) ?? known[0]!]],
    exit: 2,
  });
}
