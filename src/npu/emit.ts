// Writes one object's instructions. An operand that is a value of the group, not of its structure, is written as a reference by name; link
// puts the number in, so that a new scale never makes new code.
import type { Decoded } from './decode.ts';
import { CodeWriter, formOf, noWait, type Address, type Operands, type ScalarName } from './encode.ts';
import type { Relocation } from './object.ts';

export { noAddress, type Address, type Operands } from './encode.ts';

export function scalar(name: string): ScalarName {
  return { scalar: name };
}

/** A scalar of a member of a chain. */
export function memberScalar(member: number, name: string): string {
  return `${member}:${name}`;
}

export function at(address: Address, bytes: number): Address {
  return { space: address.space, offset: address.offset + bytes };
}

/**
 * Every operand of an instruction, what is the same in all tiles filled in. `{ ...template, in: … }` is a copy that has its members already;
 * adding thirty of them one by one takes the runtime a hundred times as long.
 */
export function templateOf(name: string, fixed: Operands = {}): Operands {
  return { ...Object.fromEntries(formOf(name).slots.map((slot) => [slot.name, undefined])), ...fixed };
}

export class Emitter {
  readonly #writer = new CodeWriter();
  readonly #instructions: Decoded[] = [];
  readonly #members: number[] = [];
  #words = 0;
  /** Of a chain of groups: whose instructions follow. Its scalars are called `<member>:<name>`; -1 for a group on its own. */
  member = -1;

  emit(name: string, operands: Operands): void {
    const { relocations } = this.#writer;
    const known = relocations.length;
    const index = this.#writer.add(name, operands);
    if (this.member >= 0) for (let r = known; r < relocations.length; r++) relocations[r] = { word: relocations[r]!.word, scalar: memberScalar(this.member, relocations[r]!.scalar) };
    this.#members.push(this.member);
    const form = formOf(name);
    // As decode would read them, but for scalars, which nothing asks for that doesn't compute values.
    const both = operands as Decoded['fields'] & Decoded['addresses'];
    this.#instructions.push({ index, at: this.#words, form, name, engine: form.instruction.engine, wait: noWait, fields: both, addresses: both });
    this.#words += form.words;
  }

  finish(): { readonly code: Uint32Array; readonly relocations: readonly Relocation[]; readonly instructions: readonly Decoded[]; readonly members: readonly number[] } {
    return { code: this.#writer.code(), relocations: this.#writer.relocations, instructions: this.#instructions, members: this.#members };
  }
}
