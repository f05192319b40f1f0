// Every byte that is read was written before: in on-chip memory, swap and outputs, by program order. Params and inputs are given.
import type { Access } from './access.ts';
import type { MemorySizes } from './bounds.ts';
import { Fault } from '../base/fault.ts';
import { faultAt, type Decoded } from './decode.ts';
import { space } from './isa.ts';
import { eachRun } from './runs.ts';
import { printAddress, printSpace } from './text.ts';

/** Throws a Fault that names the instruction and the first byte it reads in vain, or the first byte of an output that is never written. */
export function checkPoison(instructions: readonly Decoded[], accesses: readonly (readonly Access[])[], sizes: MemorySizes): void {
  const written = new Map<number, Uint8Array>([
    [space.ocm, new Uint8Array(sizes.ocmBytes)],
    [space.swap, new Uint8Array(sizes.swapBytes)],
    ...sizes.outputs.map(({ bytes }, i) => [space.output + i, new Uint8Array(bytes)] as const),
  ]);
  instructions.forEach((d, i) => {
    for (const access of accesses[i]!) {
      const marks = access.use === 'write' ? undefined : written.get(access.space);
      if (marks !== undefined) checkRead(d, access, marks);
    }
    for (const access of accesses[i]!) {
      const marks = access.use === 'read' ? undefined : written.get(access.space);
      if (marks !== undefined) eachRun(access, (start) => mark(marks, start, access.run));
    }
  });
  sizes.outputs.forEach((_, i) => {
    const missing = written.get(space.output + i)!.indexOf(0);
    if (missing >= 0) throw new Fault({ what: `poison: no instruction writes ${printSpace(space.output + i)}+${missing}` });
  });
}

function checkRead(d: Decoded, access: Access, marks: Uint8Array): void {
  eachRun(access, (start) => {
    const offset = firstUnwritten(marks, start, access.run);
    if (offset >= 0) throw faultAt(d, `poison: ${access.operand} reads ${printAddress({ space: access.space, offset })}, which was never written`);
    return true;
  });
}

const short = 64;

/** Offset of the first byte of a run that is not marked, or -1. */
function firstUnwritten(marks: Uint8Array, start: number, run: number): number {
  if (run > short) {
    const at = marks.subarray(start, start + run).indexOf(0);
    return at < 0 ? -1 : start + at;
  }
  for (let i = start; i < start + run; i++) {
    if (marks[i] === 0) return i;
  }
  return -1;
}

function mark(marks: Uint8Array, start: number, run: number): boolean {
  if (run > short) marks.fill(1, start, start + run);
  else for (let i = start; i < start + run; i++) marks[i] = 1;
  return true;
}
