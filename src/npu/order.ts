// The order of a program's instructions: group after group, except that the first loads of a group's constants move up to where its arena is
// held already, behind the loads of the group that runs there. They fill DMA time in which groups compute.
import type { Decoded } from './decode.ts';
import { space } from './isa.ts';

/** An instruction of a group's object. */
export interface Placed {
  readonly group: number;
  readonly instruction: Decoded;
}

/** `steps`: of each group's first loads of constants, the group whose turn it moves up to. */
export function orderInstructions(objects: readonly (readonly Decoded[])[], steps: readonly (readonly number[])[]): Placed[] {
  const arriving: Placed[][] = objects.map(() => []);
  const moved = objects.map((instructions, group) => {
    const loads = firstConstants(instructions).filter((_, i) => steps[group]![i]! < group);
    loads.forEach((instruction, i) => arriving[steps[group]![i]!]!.push({ group, instruction }));
    return new Set(loads);
  });
  return objects.flatMap((instructions, group): Placed[] => {
    const rest = instructions.filter((instruction) => !moved[group]!.has(instruction)).map((instruction) => ({ group, instruction }));
    // After this group's last load: only stores follow, which wait for computing anyway.
    const at = rest.findLastIndex(({ instruction }) => instruction.name === 'load') + 1;
    return [...rest.slice(0, at), ...arriving[group]!, ...rest.slice(at)];
  });
}

/** Runs of instructions of one group. */
export function ownersOf(placed: readonly Placed[]): [group: number, count: number][] {
  const owners: [number, number][] = [];
  for (const { group } of placed) {
    const last = owners.at(-1);
    if (last !== undefined && last[0] === group) last[1]++;
    else owners.push([group, 1]);
  }
  return owners;
}

/** Loads of constants into the arena that come before anything else is done there. An edge's own place is not free before its group runs. */
export function firstConstants(instructions: readonly Decoded[]): Decoded[] {
  const other = instructions.findIndex((instruction) => instruction.name !== 'load');
  const before = other < 0 ? instructions : instructions.slice(0, other);
  return before.filter(({ addresses }) => addresses['from']!.space === space.params && addresses['to']!.space === space.ocm);
}
