// softmax over the last axis. Rank 4 keeps channels together in memory, so the last axis (columns) is brought to the inside and back.
import type { GroupStructure, Params } from '../../ops/group.ts';
import { softmaxSteps, vectorCycles } from '../cost.ts';
import { at, scalar, templateOf } from '../emit.ts';
import { emitFloat, floatTailOf, isFloat, tailScratch, tailSteps } from './float.ts';
import type { ConstantSpec, Lowering } from './lowering.ts';
import { arrayBytes, enteredBytes, entryOf } from './operands.ts';
import { isNhwc, planeOf, typeLevels, volume, type Box, type Operand, type Order, type Size } from './plane.ts';
import { tiledPlanner, type Tiled } from './tiled.ts';

export const softmax: Lowering = {
  kind: 'softmax',
  constants: constantsOf,
  pack: (name, structure, params: Params) => arrayBytes(params, name, constantsOf(structure)[0]!.bytes),
  macs: () => 0,
  planner: (structure, target) => tiledPlanner(tile(structure), target),
};

function constantsOf(structure: GroupStructure): ConstantSpec[] {
  if (isFloat(structure)) return [];
  return [{ name: 'exp_table', bytes: 4 * (enteredBytes(structure, 0) === 1 ? 256 : 4097) }];
}

const swap: Order = [0, 2, 1];

function tile(structure: GroupStructure): Tiled {
  const input = planeOf(structure.inputs[0]!);
  const output = planeOf(structure.output);
  // [rows][cols][channels] in memory; computed as [rows][channels][cols] where the last axis is cols.
  const turned = isNhwc(structure.output) && input.cols > 1 && input.channels > 1;
  const across = isNhwc(structure.output);
  const length = across ? input.cols : input.channels;
  const domain = across ? { batch: input.batch, rows: input.rows, cols: 1, channels: input.channels } : { batch: 1, rows: input.rows, cols: 1, channels: 1 };
  const box = (tile: Box): Box => (across ? { ...tile, x: 0, cols: length } : { ...tile, c: 0, channels: length });
  const reach = (tile: Size): Size => (across ? { ...tile, cols: length } : { ...tile, channels: length });
  const wide = enteredBytes(structure, 0) > 1;
  const tail = isFloat(structure) ? floatTailOf(structure) : undefined;
  const template = tail !== undefined ? templateOf('float_softmax', { channels: length }) : templateOf('softmax', {
    multiplier: wide ? scalar('multiplier') : 0, shift: wide ? scalar('shift') : 0, channels: length, levels: typeLevels[structure.output.dtype],
  });
  return {
    domain,
    grain: { rows: 1, cols: 1, channels: 1 },
    inputs: [{ plane: input, ...entryOf(structure, 0), ...(turned && { order: swap }), need: box, reach }],
    output: { plane: output, ...(turned && { order: swap }), gives: box, reach },
    constants: constantsOf(structure),
    ...(tail !== undefined && { scratch: (tile: Size) => tailScratch(tail, reach(tile), true) }),
    work: (tile, target) => ({
      engine: 'teng',
      cycles: vectorCycles(target, { elements: volume(reach(tile)), steps: softmaxSteps + (tail === undefined ? 0 : tailSteps(tail)), bytes: tail !== undefined ? 4 : wide ? 2 : 1 }),
    }),
    compute(site) {
      const from = site.inputs[0]!;
      const rows = across ? site.tile.channels : site.tile.rows;
      const exponentials = tail === undefined ? { exp_table: site.constant('exp_table') } : {};
      // Each plane row of a turned tile is a stack of softmax rows of its own; it may lie apart from the next.
      const head = (to: Operand): void => {
        for (let y = 0; y < (across ? site.tile.rows : 1); y++) {
          site.emitter.emit(tail === undefined ? 'softmax' : 'float_softmax', {
            ...template, in: at(from.at, y * from.rowPitch), in_row_pitch: across ? length * from.bytes : from.rowPitch, in_bytes: from.bytes, ...exponentials,
            out: at(to.at, y * to.rowPitch), out_row_pitch: across ? length * to.bytes : to.rowPitch, out_bytes: to.bytes,
            rows,
          });
        }
      };
      if (tail === undefined) head(site.output!);
      else emitFloat(tail, site, head);
    },
  };
}
