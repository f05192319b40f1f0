// The order of a program's instructions: group after group, except that the first loads of a group's constants move up into the group
// before it where its arena is free by then. They fill DMA time in which that group computes its last tiles.
import type { Decoded } from './decode.ts';
import { space } from './isa.ts';

/** An instruction of a group's object. */
export interface Placed {
  readonly group: number;
  readonly instruction: Decoded;
}

export function orderInstructions(objects: readonly (readonly Decoded[])[], early: readonly boolean[]): Placed[] {
  const order: Placed[] = [];
  objects.forEach((instructions, group) => {
    const next = group + 1 < objects.length && early[group + 1]! ? firstConstants(objects[group + 1]!) : [];
    const own = new Set(group > 0 && early[group]! ? firstConstants(instructions) : []);
    const rest = instructions.filter((instruction) => !own.has(instruction));
    // After this group's last load: only stores follow, which wait for computing anyway.
    const at = rest.findLastIndex((instruction) => instruction.name === 'load') + 1;
    for (const instruction of rest.slice(0, at)) order.push({ group, instruction });
    for (const instruction of next) order.push({ group: group + 1, instruction });
    for (const instruction of rest.slice(at)) order.push({ group, instruction });
  });
  return order;
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
function firstConstants(instructions: readonly Decoded[]): Decoded[] {
  const other = instructions.findIndex((instruction) => instruction.name !== 'load');
  const before = other < 0 ? instructions : instructions.slice(0, other);
  return before.filter(({ addresses }) => addresses['from']!.space === space.params && addresses['to']!.space === space.ocm);
}
