// Attributes of a group's structure, typed. A wrong one is a bug of whoever made the structure: users never write it.
import type { GroupStructure } from '../../ops/group.ts';

export function numberList(structure: GroupStructure, name: string, fallback?: readonly number[]): readonly number[] {
  const value = structure.attributes[name] ?? fallback;
  if (!Array.isArray(value)) throw new Error(`BUG: ${structure.kind} without list ${name}`);
  return value as readonly number[];
}

export function numberOf(structure: GroupStructure, name: string, fallback?: number): number {
  const value = structure.attributes[name] ?? fallback;
  if (typeof value !== 'number') throw new Error(`BUG: ${structure.kind} without number ${name}`);
  return value;
}

export function textOf(structure: GroupStructure, name: string, fallback?: string): string {
  const value = structure.attributes[name] ?? fallback;
  if (typeof value !== 'string') throw new Error(`BUG: ${structure.kind} without text ${name}`);
  return value;
}
