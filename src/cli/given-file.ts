// A file that the command line names.
import { readFileSync } from 'node:fs';
import { Fault } from '../base/fault.ts';
import { shortPath } from './short-path.ts';

/** Throws a Fault (exit code 2) where it can't be read. `what` it is, for the message: 'model'. */
export function readGiven(path: string, what: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent) throw new Fault({ exit: 2, what: `no ${what} at ${path}` });
    throw new Fault({ exit: 2, place: { file: shortPath(path) }, what: `this ${what} cannot be read`, facts: [['because', error instanceof Error ? error.message : String(error)]] });
  }
}
