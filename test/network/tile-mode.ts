// What tile mode does to a plan: bytes over DDR, of the whole and of the groups in front, where tensors are largest.
import { transferBytes } from '../../src/npu/cost.ts';
import { decode } from '../../src/npu/decode.ts';
import { space } from '../../src/npu/isa.ts';
import type { Program } from '../../src/npu/object.ts';
import { readProgram } from '../../src/npu/program.ts';
import type { Built } from './networks.ts';

export interface TileModeFigures {
  readonly cycles: number;
  readonly ddrBytes: number;
  /** Of the first `front` groups. */
  readonly frontBytes: number;
  /** Edges that are never whole. */
  readonly inside: number;
}

export const front = 10;

/** Of a network that is one unit. */
export function tileModeFigures({ container }: Built): TileModeFigures {
  const [unit] = container.chains[0]!.units;
  if (unit?.type !== 'NPU') throw new Error('not an NPU unit');
  const program = readProgram(unit.programs[0]!.program);
  const owner = program.owners.flatMap(([group, count]) => new Array<number>(count).fill(group));
  return {
    cycles: program.stats.cycles,
    ddrBytes: bytesOf(program, () => true),
    frontBytes: bytesOf(program, (i) => owner[i]! < front),
    inside: program.edges.filter((edge) => edge.space === space.none).length,
  };
}

function bytesOf({ code }: Program, counts: (index: number) => boolean): number {
  return decode(code).filter(({ engine, index }) => engine === 'sdma' && counts(index)).reduce((sum, instruction) => sum + transferBytes(instruction), 0);
}
