// The memory map of a linked program: every access lies inside of its memory, only sdma reaches DDR, nothing writes what is given, and no
// instruction writes a byte twice or one that it reads.
import { accesses, type Access } from './access.ts';
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

/** Throws a Fault where an access breaks the map. */
export function checkBounds(d: Decoded, sizes: MemorySizes): void {
  const list = accesses(d);
  for (const access of list) {
    const bytes = spaceBytes(sizes, access.space);
    if (bytes === undefined || access.start < 0 || access.end > bytes) throw outside(d, access, bytes);
    const side = ddrSide[d.name] === access.operand;
    if (side === (access.space === space.ocm)) throw faultAt(d, `${access.operand} is in ${printSpace(access.space)}`, [['known', side ? 'DDR' : 'ocm']]);
    if (access.use === 'read') continue;
    if (access.space === space.params || (access.space >= space.input && access.space < space.output)) throw faultAt(d, `${access.operand} writes ${printSpace(access.space)}`);
    if (access.repeats) throw faultAt(d, `${access.operand} writes a byte twice`);
    const other = list.find((read) => read !== access && overlap(read, access));
    if (other !== undefined) throw faultAt(d, `${access.operand} overlaps ${other.operand}`);
  }
}

/** Bytes of a memory; undefined where the program has no such one. */
export function spaceBytes(sizes: MemorySizes, where: number): number | undefined {
  if (where >= space.output) return sizes.outputs[where - space.output]?.bytes;
  if (where >= space.input) return sizes.inputs[where - space.input]?.bytes;
  return [sizes.ocmBytes, sizes.paramsBytes, sizes.swapBytes][where];
}

/** The operand of a transfer that lies in DDR. */
const ddrSide: Readonly<Record<string, string>> = { load: 'from', store: 'to' };

function outside(d: Decoded, access: Access, bytes: number | undefined): Error {
  const where = printSpace(access.space);
  if (bytes === undefined) return faultAt(d, `${access.operand} is in ${where}, which the program doesn't have`);
  return faultAt(d, `${access.operand} reaches ${where} ${access.start} … ${access.end - 1}`, [['known', bytes === 0 ? 'no bytes' : `0 … ${bytes - 1}`]]);
}
