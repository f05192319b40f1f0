// Groups of operands that many instructions share.
import type { GroupStructure, Params } from '../../ops/group.ts';
import { bytesOf } from '../../base/bytes.ts';
import type { TypedArray } from '../../base/bytes.ts';
import { noAddress, scalar, type Address, type Operands } from '../emit.ts';
import type { ConstantSpec } from './lowering.ts';
import { typeBytes, type Operand } from './plane.ts';
import type { Site, TiledInput } from './tiled.ts';

export function source(operand: Operand): Operands {
  return { in: operand.at, in_row_pitch: operand.rowPitch, in_col_pitch: operand.colPitch, in_bytes: operand.bytes };
}

export function target(operand: Operand): Operands {
  return { out: operand.at, out_row_pitch: operand.rowPitch, out_col_pitch: operand.colPitch, out_bytes: operand.bytes };
}

/** Index, fraction and value bits of a table, by the bytes of an output element (spec §3). */
const tableBits: Readonly<Record<number, readonly [number, number, number]>> = { 1: [9, 7, 8], 2: [12, 12, 6] };

function bitsOf(structure: GroupStructure): readonly [number, number, number] {
  const bits = tableBits[typeBytes[structure.output.dtype]];
  if (bits === undefined) throw new Error(`BUG: no tables for ${structure.output.dtype}`);
  return bits;
}

/** The epilogue's operands (spec §3), but for the table's address. */
export function epilogue(structure: GroupStructure): Operands {
  if (structure.epilogue === 'float') return { zero: 0, lo: 0, hi: 0, index_bits: 0, fraction_bits: 0, value_bits: 0 };
  const [index, fraction, value] = structure.epilogue === 'table' ? bitsOf(structure) : [0, 0, 0];
  return { zero: scalar('zero'), lo: scalar('lo'), hi: scalar('hi'), index_bits: index, fraction_bits: fraction, value_bits: value };
}

/** What the arrays give out: codes, through a table or not, or the floats of a head whose tail follows. */
export function resultOf({ epilogue, output }: GroupStructure): { readonly resultBytes: number; readonly table: boolean } {
  return { resultBytes: epilogue === 'float' ? 4 : typeBytes[output.dtype], table: epilogue === 'table' };
}

/** Where the epilogue's table is. */
export function tableAt(structure: GroupStructure, site: Site): Address {
  return structure.epilogue === 'table' ? site.constant('table') : noAddress;
}

/** The epilogue's constant. */
export function tableConstant(structure: GroupStructure): ConstantSpec[] {
  return structure.epilogue === 'table' ? [{ name: 'table', bytes: 4 * (2 ** bitsOf(structure)[0] + 1) }] : [];
}

/** Bytes of an array of the params record, checked against the length that the structure asks for. */
export function arrayBytes(params: Params, name: string, bytes: number): Uint8Array {
  const found = bytesOf(arrayOf(params, name));
  if (found.byteLength !== bytes) throw new Error(`BUG: ${name} has ${found.byteLength} bytes instead of ${bytes}`);
  return found;
}

export function arrayOf(params: Params, name: string): TypedArray {
  const array = params.arrays[name];
  if (array === undefined) throw new Error(`BUG: params without ${name}`);
  return array;
}

/** How input i enters: at its own type, requantised to a narrower one (spec §4), or as another kind of number (spec §8). */
export function entryOf(structure: GroupStructure, i: number): Pick<TiledInput, 'entry'> {
  const [from, to] = [structure.inputs[i]!.dtype, structure.entries[i]!];
  return from === to ? {} : { entry: { prefix: `entry${i}`, bytes: typeBytes[to] } };
}

/** Bytes of an element of input i as it is computed with. */
export function enteredBytes(structure: GroupStructure, i: number): number {
  return typeBytes[structure.entries[i]!];
}
