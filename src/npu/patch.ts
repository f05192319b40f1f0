// Relocation: an object's spaces become real memories, its named scalars become numbers.
import { writeOperand, type Address, type Slot } from './encode.ts';
import type { Decoded } from './decode.ts';
import { space } from './isa.ts';
import type { Variant } from './object.ts';

/** Where a group's spaces are in the program. */
export interface Bases {
  readonly arena: number;
  readonly constants: number;
  readonly inputs: readonly Address[];
  readonly output: Address;
}

/** A copy of the variant's code with addresses and scalars filled in; instructions keep their places. */
export function patch({ code, relocations }: Variant, instructions: readonly Decoded[], { bases, scalars }: { bases: Bases; scalars: Readonly<Record<string, number>> }): Uint32Array {
  const patched = code.slice();
  let next = 0;
  for (const { at, form, addresses } of instructions) {
    for (const slot of form.slots) {
      const address = addresses[slot.name];
      if (address !== undefined) {
        writeOperand(patched, at, slot, placed(address, bases));
        continue;
      }
      const relocation = relocations[next];
      if (relocation === undefined || relocation.word !== at + slot.word) continue;
      writeOperand(patched, at, slot, numberOf(relocation.scalar, scalars, slot));
      next++;
    }
  }
  if (next !== relocations.length) throw new Error(`BUG: relocation of ${relocations[next]!.scalar} meets no operand`);
  return patched;
}

function placed(address: Address, { arena, constants, inputs, output }: Bases): Address {
  const { space: where, offset } = address;
  if (where === space.none) return address;
  const base = where === space.ocm ? { space: space.ocm, offset: arena }
    : where === space.params ? { space: space.params, offset: constants }
    : where === space.output ? output
    : inputs[where - space.input];
  if (base === undefined) throw new Error(`BUG: an object has no space ${where}`);
  return { space: base.space, offset: base.offset + offset };
}

function numberOf(scalar: string, scalars: Readonly<Record<string, number>>, slot: Slot): number {
  const value = scalars[scalar];
  if (value === undefined) throw new Error(`BUG: ${slot.name} needs the scalar ${scalar}`);
  return value;
}
