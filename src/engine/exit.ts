// What an error that ends a build means to the shell, and to those who watch.
import { Fault, Faults } from '../base/fault.ts';
import { JobFailed } from './build.ts';
import type { Exit, FaultSeen } from './events.ts';

/** 1: a job failed. 2: the command or configuration is wrong. 70: a bug. 130: interrupted. */
export function exitOf(error: unknown): Exit {
  return error instanceof JobFailed || error instanceof Fault || error instanceof Faults ? error.exit : 70;
}

/** The event that tells of an error; undefined for a JobFailed, which the build has told already. */
export function faultOf(error: unknown): FaultSeen | undefined {
  if (error instanceof JobFailed) return undefined;
  const text = error instanceof Fault || error instanceof Faults ? error.message : bugText(error);
  const place = error instanceof Fault ? error.parts.place : undefined;
  return { event: 'fault', text, exit: exitOf(error), ...(place && { place }) };
}

function bugText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${text}\n   this is a bug of axbuild; please report it with the lines above`;
}
