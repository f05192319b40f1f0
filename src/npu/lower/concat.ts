// concat: one copy an input, into its part of the axis.
import type { GroupStructure } from '../../ops/group.ts';
import { numberOf } from './attributes.ts';
import { copiedPlanner, type Copied } from './copied.ts';
import { copying } from './copying.ts';
import { entryOf } from './operands.ts';
import { isNhwc, memoryShape, typeBytes } from './plane.ts';
import type { Lowering } from './lowering.ts';

export const concat: Lowering = copying('concat', (structure, target) => copiedPlanner(copied(structure), target));

function copied(structure: GroupStructure): Copied {
  const { output } = structure;
  const logical = numberOf(structure, 'axis');
  const axis = logical < 0 ? logical + output.shape.length : logical;
  // Where the logical axis is in memory: N, H, W, C.
  const place = isNhwc(output) ? [0, 3, 1, 2][axis]! : axis;
  const whole = memoryShape(output);
  const outer = whole.slice(0, place).reduce((a, b) => a * b, 1);
  const inner = whole.slice(place + 1).reduce((a, b) => a * b, 1);
  const pitch = whole[place]! * inner;
  let toStart = 0;
  const copies = structure.inputs.map((edge, input) => {
    if (isNhwc(edge) !== isNhwc(output)) throw new Error('BUG: concat of edges in different layouts');
    const run = memoryShape(edge)[place]! * inner;
    const { entry } = entryOf(structure, input);
    const copy = {
      input, toStart, fromStart: 0, bytes: typeBytes[edge.dtype], ...(entry !== undefined && { entry: entry.prefix }),
      dims: [{ size: outer, from: run, to: pitch }, { size: run, from: 1, to: 1 }],
    };
    toStart += run;
    return copy;
  });
  return { copies, bytes: typeBytes[output.dtype] };
}
