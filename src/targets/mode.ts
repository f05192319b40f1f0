// The mode of a target: how many engine sets a build may use.
import { Fault, nearest } from '../base/fault.ts';
import type { Mode, Target } from './target.ts';

export function modeOf(target: Target, name: string): Mode {
  const mode = target.modes.find((one) => one.name === name);
  if (mode !== undefined) return mode;
  const known = target.modes.map((one) => one.name);
  const near = nearest(name, known);
  throw new Fault({
    what: `${target.name} has no mode "${name}"`,
    facts: [['known', known.join(', ')], ...(near === undefined ? [] : [['try', near] as const])],
    exit: 2,
  });
}

/**
 * What a program is counted by: the engine sets of the mode share the work of every instruction. They also share one DDR, whose rate is the same
 * for all; `ddrBytesPerCycle` is how much of it there is to use, where that is less.
 */
export function inMode(target: Target, name: string, ddrBytesPerCycle = Infinity): Target {
  const { engineSets } = modeOf(target, name);
  return {
    ...target,
    arrays: target.arrays * engineSets,
    resultBytes: target.resultBytes * engineSets,
    vectorLanes: target.vectorLanes * engineSets,
    moveBytes: target.moveBytes * engineSets,
    ddrBytesPerCycle: Math.min(target.ddrBytesPerCycle, ddrBytesPerCycle),
  };
}
