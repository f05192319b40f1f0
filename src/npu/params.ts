// A program's parameter memory: every group's constants at the offset that link gave them.
import type { Program } from './object.ts';

export function paramsOf(program: Program, constants: readonly Uint8Array[]): Uint8Array {
  if (constants.length !== program.constantOffsets.length) throw new Error(`BUG: constants of ${constants.length} groups for a program of ${program.constantOffsets.length}`);
  const params = new Uint8Array(program.paramsBytes);
  constants.forEach((bytes, g) => params.set(bytes, program.constantOffsets[g]!));
  return params;
}
