// eltwise: add, sub and mul of two activations with NumPy broadcasting. Neighbouring axes along which both inputs run on, or both repeat
// the same way, are one axis; four are left at most, and they are the planes, rows, columns and channels of the instructions.
import type { Edge, GroupStructure } from '../../ops/group.ts';
import { Fault } from '../../base/fault.ts';
import { tableSteps, vectorCycles } from '../cost.ts';
import { scalar, templateOf, type Operands } from '../emit.ts';
import { textOf } from './attributes.ts';
import { emitFloat, floatTailOf, isFloat, tailScratch, tailSteps } from './float.ts';
import type { Lowering } from './lowering.ts';
import { arrayBytes, arrayOf, entryOf, epilogue, tableAt, tableConstant } from './operands.ts';
import { isNhwc, memoryShape, typeBytes, volume, type Box, type Operand, type Plane, type Size } from './plane.ts';
import { tiledPlanner, type Site, type Tiled } from './tiled.ts';

export const eltwise: Lowering = {
  kind: 'eltwise',
  constants: tableConstant,
  pack: (name, _structure, params) => arrayBytes(params, name, 4 * arrayOf(params, name).length),
  macs: () => 0,
  planner: (structure, target) => tiledPlanner(tile(structure), target),
  tiled: tile,
};

function tile(structure: GroupStructure): Tiled {
  const axes = axesOf(structure);
  const plane = (which: (axis: Axis) => number, bytes: number): Plane => {
    const [batch, rows, cols, channels] = axes.map(which);
    return { batch: batch!, rows: rows!, cols: cols!, channels: channels!, bytes };
  };
  const output = plane((axis) => axis.size, typeBytes[structure.output.dtype]);
  const inputs = structure.inputs.map((edge, i) => {
    const own = plane((axis) => (axis.repeats[i]! ? 1 : axis.size), typeBytes[edge.dtype]);
    const cut = (size: number, limit: number, whole: number): number => (limit === 1 && whole > 1 ? 1 : size);
    return {
      plane: own,
      ...entryOf(structure, i),
      need: (tile: Box) => ({
        n: own.batch === 1 ? 0 : tile.n,
        y: own.rows === 1 ? 0 : tile.y, x: own.cols === 1 ? 0 : tile.x, c: own.channels === 1 ? 0 : tile.c,
        rows: cut(tile.rows, own.rows, output.rows), cols: cut(tile.cols, own.cols, output.cols), channels: cut(tile.channels, own.channels, output.channels),
      }),
      reach: (tile: { rows: number; cols: number; channels: number }) => ({
        rows: cut(tile.rows, own.rows, output.rows), cols: cut(tile.cols, own.cols, output.cols), channels: cut(tile.channels, own.channels, output.channels),
      }),
    };
  });
  const tail = isFloat(structure) ? floatTailOf(structure) : undefined;
  const bytes = Math.max(...structure.entries.map((type) => typeBytes[type]), output.bytes);
  const form = formOf(structure);
  const steps = 1 + (tail !== undefined ? tailSteps(tail) : structure.epilogue === 'table' ? tableSteps : 0);
  return {
    domain: output,
    grain: { rows: 1, cols: 1, channels: 16 },
    inputs,
    output: { plane: output, gives: (tile) => tile, reach: (tile) => tile },
    constants: tableConstant(structure),
    work: (tile, target) => ({ engine: 'teng', cycles: vectorCycles(target, { elements: volume(tile), steps, bytes }) }),
    ...(tail !== undefined && { scratch: (tile: Size) => tailScratch(tail, tile, true) }),
    compute(site) {
      if (tail === undefined) compute(structure, form, { site, output: site.output! });
      else emitFloat(tail, site, (output) => compute(structure, form, { site, output }));
    },
  };
}

interface Form {
  readonly instruction: string;
  readonly operands: Operands;
}

/** sub is add with a negative multiplier: the params see to that. */
const add: Form = { instruction: 'add', operands: { a_multiplier: scalar('a_multiplier'), b_multiplier: scalar('b_multiplier') } };
const forms: Readonly<Record<string, Form>> = { add, sub: add, mul: { instruction: 'mul', operands: { multiplier: scalar('multiplier') } } };

/** Operations of float_binary. */
const operations: Readonly<Record<string, number>> = { add: 0, sub: 1, mul: 2 };

function formOf(structure: GroupStructure): Form {
  if (isFloat(structure)) {
    const operation = operations[textOf(structure, 'op')];
    if (operation === undefined) throw new Error(`BUG: no eltwise ${textOf(structure, 'op')} of floats`);
    return { instruction: 'float_binary', operands: templateOf('float_binary', { operation }) };
  }
  const form = forms[textOf(structure, 'op')];
  if (form === undefined) throw new Error(`BUG: no eltwise ${textOf(structure, 'op')}`);
  const { instruction, operands } = form;
  const common = { a_zero: scalar('a_zero'), b_zero: scalar('b_zero'), shift: scalar('shift'), ...epilogue(structure) };
  return { instruction, operands: templateOf(instruction, { ...operands, ...common }) };
}

/** An input that has one row (column, channel) where the tile has several repeats it. */
function compute(structure: GroupStructure, { instruction, operands }: Form, { site, output }: { site: Site; output: Operand }): void {
  const a = site.inputs[0]!;
  const b = site.inputs[1]!;
  const { rows, cols, channels } = site.tile;
  site.emitter.emit(instruction, {
    ...operands,
    a: a.at, a_row_pitch: a.rows === 1 ? 0 : a.rowPitch, a_col_pitch: a.cols === 1 ? 0 : a.colPitch, a_bytes: a.bytes, a_channel_step: stepOf(a, channels),
    b: b.at, b_row_pitch: b.rows === 1 ? 0 : b.rowPitch, b_col_pitch: b.cols === 1 ? 0 : b.colPitch, b_bytes: b.bytes, b_channel_step: stepOf(b, channels),
    out: output.at, out_row_pitch: output.rowPitch, out_col_pitch: output.colPitch, out_bytes: output.bytes, rows, cols, channels,
    ...(!isFloat(structure) && { table: tableAt(structure, site) }),
  });
}

function stepOf(input: Operand, channels: number): number {
  return input.channels === 1 && channels > 1 ? 0 : 1;
}

interface Axis {
  readonly size: number;
  /** For each input: it has one element here and repeats it. */
  readonly repeats: readonly boolean[];
}

/** Four axes of the output in memory order, the first ones of size 1 where fewer are needed. */
function axesOf(structure: GroupStructure): readonly Axis[] {
  const { inputs, output } = structure;
  if (inputs.some((edge) => edge.shape.length !== output.shape.length || isNhwc(edge) !== isNhwc(output))) {
    throw new Fault({ what: `eltwise of edges in different layouts: ${[...inputs, output].map(describe).join(', ')}` });
  }
  const shapes = inputs.map(memoryShape);
  const merged: Axis[] = [];
  memoryShape(output).forEach((size, d) => {
    if (size === 1) return;
    const repeats = shapes.map((shape) => shape[d] === 1);
    const outer = merged.at(-1);
    if (outer !== undefined && outer.repeats.every((flag, i) => flag === repeats[i])) merged[merged.length - 1] = { size: outer.size * size, repeats };
    else merged.push({ size, repeats });
  });
  if (merged.length > 4) throw new Fault({ what: `eltwise broadcasts along more than four separate axes: ${[...inputs, output].map(describe).join(', ')}` });
  const none = { size: 1, repeats: inputs.map(() => false) };
  return laidOut(merged, none);
}

/** Channels come last, then rows: rows are what tiles are cut through first. */
function laidOut(merged: readonly Axis[], none: Axis): readonly Axis[] {
  const [a, b, c, d] = merged;
  if (b === undefined) return [none, none, none, a ?? none];
  if (c === undefined) return [none, a!, none, b];
  if (d === undefined) return [none, a!, b, c];
  return [a!, b, c, d];
}

function describe({ dtype, shape, layout }: Edge): string {
  return `${dtype}[${shape.join(',')}] ${layout}`;
}
