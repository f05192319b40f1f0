// --trace FILE: what a round did, for chrome://tracing and Perfetto.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { chromeTrace } from '../report/chrome-trace.ts';
import type { Round } from './round.ts';

/** `began`: milliseconds of the clock. */
export function writeTrace(path: string, { timeline, outcomes }: Pick<Round, 'timeline' | 'outcomes'>, began: number): void {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  writeFileSync(path, chromeTrace(timeline(), { command: process.argv.slice(2), goals: outcomes, seconds: (Date.now() - began) / 1000 }));
}
