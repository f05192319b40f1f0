// One WebAssembly memory for everything a program touches:
//
//   kernels' own data | code, addresses resolved | inputs | outputs | params | ocm | swap | scratch
//
// Kernels may read a vector's width beyond an operand, never write there; scratch stands last so that such reads stay inside.
import { Fault } from '../../base/fault.ts';
import type { MemorySizes } from '../bounds.ts';
import { space } from '../isa.ts';
import { loadKernels, type Kernels } from '../kernels/kernels.ts';

export interface Arena {
  readonly kernels: Kernels;
  /** Where the code's words start. */
  readonly code: number;
  /** Absolute address of each space's first byte. */
  readonly bases: ReadonlyMap<number, number>;
  readonly scratch: number;
}

const page = 65536;
const pagesMax = 65535;
/** A memory larger than this is not kept for the next program. */
const keptBytes = 256 * 2 ** 20;

let kept: Kernels | undefined;

/** Lays a program out. Contents are those of the last program: the caller fills what may be read. */
export function makeArena(sizes: MemorySizes, codeWords: number): Arena {
  let end = page;
  const take = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 64) * 64;
    return start;
  };
  const code = take(4 * codeWords);
  const bases = new Map<number, number>();
  sizes.inputs.forEach(({ bytes }, i) => bases.set(space.input + i, take(bytes)));
  sizes.outputs.forEach(({ bytes }, i) => bases.set(space.output + i, take(bytes)));
  bases.set(space.params, take(sizes.paramsBytes));
  bases.set(space.ocm, take(sizes.ocmBytes));
  bases.set(space.swap, take(sizes.swapBytes));
  kept ??= loadKernels(new WebAssembly.Memory({ initial: 1 }));
  const kernels = kept;
  reserve(kernels, end);
  return { kernels, code, bases, scratch: end };
}

/** Makes room for `bytes` of scratch. Views of the memory taken before are void after. */
export function reserveScratch(arena: Arena, bytes: number): void {
  reserve(arena.kernels, arena.scratch + bytes + 64);
}

/** Gives the memory back where it is large. */
export function releaseArena(arena: Arena): void {
  if (arena.kernels.memory.buffer.byteLength > keptBytes) kept = undefined;
}

function reserve({ memory }: Kernels, bytes: number): void {
  const pages = Math.ceil(bytes / page);
  if (pages > pagesMax) throw new Fault({ what: `the program needs ${bytes} bytes, scratch included`, facts: [['known', 'the simulator holds 4 GiB']] });
  const have = memory.buffer.byteLength / page;
  if (pages > have) memory.grow(pages - have);
}
