// The memory map of a linked program: every access lies inside of its memory, only sdma reaches DDR, nothing writes what is given, and no
// instruction writes a byte twice or one that it reads.
import { Fault } from '../base/fault.ts';
import type { Access } from './access.ts';
import { faultAt, type Decoded } from './decode.ts';
import { space } from './isa.ts';
import { overlap } from './runs.ts';
import { printSpace } from './text.ts';

/** Sizes in bytes. */
export interface MemorySizes {
  readonly ocmBytes: number;
  readonly paramsBytes: number;
  readonly swapBytes: number;
  readonly inputs: readonly { readonly bytes: number }[];
  readonly outputs: readonly { readonly bytes: number }[];
}

/** Throws a Fault where the memories are larger than a simulator can hold. */
export function checkSizes({ ocmBytes, paramsBytes, swapBytes, inputs, outputs }: MemorySizes): void {
  const total = [...inputs, ...outputs].reduce((sum, { bytes }) => sum + bytes, ocmBytes + paramsBytes + swapBytes);
  if (total > 2 ** 32) throw new Fault({ what: `the program's memories are ${total} bytes`, facts: [['known', 'the simulator holds 4 GiB']] });
}

/** Throws a Fault where one of the instruction's accesses breaks the map. */
export function checkBounds(d: Decoded, accesses: readonly Access[], sizes: MemorySizes): void {
  for (const access of accesses) {
    const bytes = spaceBytes(sizes, access.space);
    if (bytes === undefined || access.start < 0 || access.end > bytes) throw outside(d, access, bytes);
    const inDdr = ddrSide[d.name] === access.operand;
    if (inDdr === (access.space === space.ocm)) throw faultAt(d, `${access.operand} is in ${printSpace(access.space)}`, [['known', inDdr ? 'DDR' : 'ocm']]);
    if (access.use !== 'read') checkWrite(d, access, accesses);
  }
}

/** Bytes of a memory; undefined where the program has no such one. */
export function spaceBytes(sizes: MemorySizes, where: number): number | undefined {
  if (where >= space.output) return sizes.outputs[where - space.output]?.bytes;
  if (where >= space.input) return sizes.inputs[where - space.input]?.bytes;
  return [sizes.ocmBytes, sizes.paramsBytes, sizes.swapBytes][where];
}

function checkWrite(d: Decoded, write: Access, accesses: readonly Access[]): void {
  const { operand } = write;
  if (write.space === space.params || (write.space >= space.input && write.space < space.output)) throw faultAt(d, `${operand} writes ${printSpace(write.space)}`);
  if (write.repeats) throw faultAt(d, `${operand} writes a byte twice`);
  const other = accesses.find((access) => access !== write && overlap(access, write));
  if (other !== undefined) throw faultAt(d, `${operand} overlaps ${other.operand}`);
}

/** The operand of a transfer that lies in DDR. */
const ddrSide: Readonly<Record<string, string>> = { load: 'from', store: 'to' };

function outside(d: Decoded, access: Access, bytes: number | undefined): Error {
  const where = printSpace(access.space);
  if (bytes === undefined) return faultAt(d, `${access.operand} is in ${where}, which the program doesn't have`);
  return faultAt(d, `${access.operand} reaches ${where} ${access.start} … ${access.end - 1}`, [['known', bytes === 0 ? 'no bytes' : `0 … ${bytes - 1}`]]);
}
