// matmul: the product of two activations. Matrices of a stack are planes; a tile is some rows and some columns of one of them.
import { matmulCycles } from '../cost.ts';
import { scalar, templateOf } from '../emit.ts';
import type { Edge, GroupStructure } from '../../ops/group.ts';
import type { Lowering } from './lowering.ts';
import { arrayBytes, arrayOf, enteredBytes, entryOf, epilogue, resultOf, tableAt, tableConstant } from './operands.ts';
import { typeBytes, type Box, type Plane, type Size } from './plane.ts';
import { tiledPlanner, type Tiled } from './tiled.ts';

export const matmul: Lowering = {
  kind: 'matmul',
  constants: tableConstant,
  pack: (name, _structure, params) => arrayBytes(params, name, 4 * arrayOf(params, name).length),
  macs(structure) {
    const out = stackOf(structure.output);
    return out.batch * out.rows * out.channels * stackOf(structure.inputs[0]!).channels;
  },
  planner: (structure, target) => tiledPlanner(tile(structure), target),
};

/** Rows by columns, the columns contiguous; leading axes are a stack of them. */
function stackOf({ shape, dtype }: Edge): Plane {
  const [rows, channels] = [shape.at(-2)!, shape.at(-1)!];
  return { batch: shape.slice(0, -2).reduce((a, b) => a * b, 1), rows, cols: 1, channels, bytes: typeBytes[dtype] };
}

function tile(structure: GroupStructure): Tiled {
  const [a, b, output] = [stackOf(structure.inputs[0]!), stackOf(structure.inputs[1]!), stackOf(structure.output)];
  const depth = a.channels;
  const wide = Math.max(enteredBytes(structure, 0), enteredBytes(structure, 1)) > 1;
  const template = templateOf('matmul', { a_zero: scalar('a_zero'), b_zero: scalar('b_zero'), depth, multiplier: scalar('multiplier'), shift: scalar('shift'), ...epilogue(structure) });
  const left = (tile: Size): Size => ({ rows: tile.rows, cols: 1, channels: depth });
  const right = (tile: Size): Size => ({ rows: depth, cols: 1, channels: tile.channels });
  return {
    domain: output,
    grain: { rows: 8, cols: 1, channels: 16 },
    inputs: [
      { plane: a, ...entryOf(structure, 0), need: (tile: Box) => ({ n: tile.n, y: tile.y, x: 0, c: 0, ...left(tile) }), reach: left },
      { plane: b, ...entryOf(structure, 1), need: (tile: Box) => ({ n: tile.n, y: 0, x: 0, c: tile.c, ...right(tile) }), reach: right },
    ],
    output: { plane: output, gives: (tile) => tile, reach: (tile) => tile },
    constants: tableConstant(structure),
    work: (tile, target) => ({ engine: 'conv', cycles: matmulCycles(target, { positions: tile.rows, outChannels: tile.channels, inChannels: depth, taps: 1, wide, ...resultOf(structure) }) }),
    compute(site) {
      const [x, y] = [site.inputs[0]!, site.inputs[1]!];
      const out = site.output!;
      site.emitter.emit('matmul', {
        ...template,
        a: x.at, a_row_pitch: x.rowPitch, a_bytes: x.bytes, b: y.at, b_row_pitch: y.rowPitch, b_bytes: y.bytes,
        rows: site.tile.rows, cols: site.tile.channels, out: out.at, out_row_pitch: out.rowPitch, out_bytes: out.bytes, table: tableAt(structure, site),
      });
    },
  };
}
