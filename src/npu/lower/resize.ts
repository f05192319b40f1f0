// resize: nearest by whole factors, a copy that repeats.
import type { GroupStructure } from '../../ops/group.ts';
import { numberList } from './attributes.ts';
import { copiedPlanner, type Copied } from './copied.ts';
import { copying } from './copying.ts';
import type { Lowering } from './lowering.ts';
import { entryOf } from './operands.ts';
import { planeOf, typeBytes } from './plane.ts';

export const resize: Lowering = copying('resize', (structure, target) => copiedPlanner(copied(structure), target));

function copied(structure: GroupStructure): Copied {
  const edge = structure.inputs[0]!;
  const { batch, rows, cols, channels } = planeOf(edge);
  const [sy, sx] = numberList(structure, 'scales');
  const [row, outRow] = [cols * channels, cols * sx! * channels];
  const { entry } = entryOf(structure, 0);
  return {
    bytes: typeBytes[structure.output.dtype],
    copies: [{
      input: 0, fromStart: 0, toStart: 0, bytes: typeBytes[edge.dtype], ...(entry !== undefined && { entry: entry.prefix }),
      dims: [
        { size: batch, from: rows * row, to: rows * sy! * outRow },
        { size: rows, from: row, to: sy! * outRow },
        { size: sy!, from: 0, to: outRow },
        { size: cols, from: channels, to: sx! * channels },
        { size: sx!, from: 0, to: channels },
        { size: channels, from: 1, to: 1 },
      ],
    }],
  };
}
