// The record of a whole command: which goals it named, and how the last one ended. The same command finds it again.
import { goalPath } from '../engine/goal.ts';
import type { Asked } from './ask.ts';

export function commandPath({ cache, workspace, circumstances: { command }, given: { words, options } }: Asked): string {
  return goalPath({ cache, workspace, goal: `command ${JSON.stringify([command, words, options['tag'] ?? ''])}` });
}

/** One record is for all goals together: their names, as one. */
export function nameOf(goals: readonly string[]): string {
  return JSON.stringify(goals);
}

export function namesOf(name: string): readonly string[] {
  return JSON.parse(name) as string[]; // nameOf wrote it
}
