// unary: a function of one variable that stands alone. U8 looks its codes up; U16 is rescaled into a table.
import type { GroupStructure } from '../../ops/group.ts';
import { tableSteps, vectorCycles } from '../cost.ts';
import { scalar, templateOf } from '../emit.ts';
import { emitFloat, floatTailOf, isFloat, tailScratch, tailSteps } from './float.ts';
import type { ConstantSpec, Lowering } from './lowering.ts';
import { arrayBytes, enteredBytes, entryOf, epilogue, source, tableAt, tableConstant, target } from './operands.ts';
import { flatPlane, typeBytes, volume } from './plane.ts';
import { tiledPlanner, type Tiled } from './tiled.ts';

export const unary: Lowering = {
  kind: 'unary',
  constants: constantsOf,
  pack: (name, structure, params) => arrayBytes(params, name, constantsOf(structure).find((spec) => spec.name === name)!.bytes),
  macs: () => 0,
  planner: (structure, target) => tiledPlanner(tile(structure), target),
  tiled: tile,
};

function looksUp(structure: GroupStructure): boolean {
  return !isFloat(structure) && enteredBytes(structure, 0) === 1;
}

function constantsOf(structure: GroupStructure): ConstantSpec[] {
  return looksUp(structure) ? [{ name: 'lut', bytes: 256 * typeBytes[structure.output.dtype] }] : tableConstant(structure);
}

function tile(structure: GroupStructure): Tiled {
  if (isFloat(structure)) return tileFloat(structure);
  const output = flatPlane(structure.output);
  const steps = looksUp(structure) || structure.epilogue !== 'table' ? 1 : 1 + tableSteps;
  const template = looksUp(structure)
    ? templateOf('lut')
    : templateOf('rescale', { in_zero: scalar('in_zero'), multiplier: scalar('multiplier'), shift: scalar('shift'), ...epilogue(structure) });
  const bytes = Math.max(output.bytes, enteredBytes(structure, 0));
  return {
    domain: output,
    grain: { rows: 1, cols: 1, channels: 16 },
    inputs: [{ plane: flatPlane(structure.inputs[0]!), ...entryOf(structure, 0), need: (tile) => tile, reach: (tile) => tile }],
    output: { plane: output, gives: (tile) => tile, reach: (tile) => tile },
    constants: constantsOf(structure),
    work: (tile, target) => ({ engine: 'teng', cycles: vectorCycles(target, { elements: volume(tile), steps, bytes }) }),
    compute(site) {
      const input = site.inputs[0]!;
      const { rows, cols, channels } = site.tile;
      if (looksUp(structure)) {
        const { in_bytes: _one, ...from } = source(input);
        site.emitter.emit('lut', { ...template, ...from, lut: site.constant('lut'), ...target(site.output!), rows, cols, channels });
      } else {
        site.emitter.emit('rescale', { ...template, ...source(input), ...target(site.output!), rows, cols, channels, table: tableAt(structure, site) });
      }
    },
  };
}

/** The input itself is the head. */
function tileFloat(structure: GroupStructure): Tiled {
  const output = flatPlane(structure.output);
  const tail = floatTailOf(structure);
  return {
    domain: output,
    grain: { rows: 1, cols: 1, channels: 16 },
    inputs: [{ plane: flatPlane(structure.inputs[0]!), ...entryOf(structure, 0), need: (tile) => tile, reach: (tile) => tile }],
    output: { plane: output, gives: (tile) => tile, reach: (tile) => tile },
    constants: [],
    scratch: (tile) => tailScratch(tail, tile, false),
    work: (tile, target) => ({ engine: 'teng', cycles: vectorCycles(target, { elements: volume(tile), steps: Math.max(1, tailSteps(tail)), bytes: 4 }) }),
    compute: (site) => emitFloat(tail, site, site.inputs[0]!),
  };
}
