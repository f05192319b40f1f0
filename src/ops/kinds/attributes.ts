// Attributes and numbers of a group, which fuse and params have put there: one that is missing is a bug, never the user's fault.
import type { GroupStructure, Params, Quant } from '../group.ts';

export function listOf(structure: GroupStructure, name: string): readonly number[] {
  const value = structure.attributes[name];
  if (!Array.isArray(value)) throw new Error(`BUG: ${structure.kind} has no list "${name}"`);
  return value;
}

/** A list of two: rows, then columns. */
export function pairOf(structure: GroupStructure, name: string): readonly [number, number] {
  const [y, x] = listOf(structure, name);
  if (y === undefined || x === undefined) throw new Error(`BUG: "${name}" of ${structure.kind} needs two numbers`);
  return [y, x];
}

export function textOf(structure: GroupStructure, name: string): string {
  const value = structure.attributes[name];
  if (typeof value !== 'string') throw new Error(`BUG: ${structure.kind} has no text "${name}"`);
  return value;
}

export function numberOf(structure: GroupStructure, name: string): number {
  const value = structure.attributes[name];
  if (typeof value !== 'number') throw new Error(`BUG: ${structure.kind} has no number "${name}"`);
  return value;
}

export function scalarOf(params: Params, name: string): number {
  const value = params.scalars[name];
  if (value === undefined) throw new Error(`BUG: params have no scalar "${name}"`);
  return value;
}

/** An array of the params, which must be of the given class. */
export function arrayOf<T>(params: Params, name: string, kind: abstract new (...args: never[]) => T): T {
  const array: unknown = params.arrays[name];
  if (!(array instanceof kind)) throw new Error(`BUG: params have no ${kind.name} "${name}"`);
  return array;
}

/** Scale and zero of an edge that carries codes. */
export function quantOf(quant: Quant | null | undefined, what: string): Quant {
  if (quant === null || quant === undefined) throw new Error(`BUG: ${what} has no scale`);
  return quant;
}
