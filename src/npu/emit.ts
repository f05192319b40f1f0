// Writes one object's instructions. An operand that is a value of the group, not of its structure, is written as a reference by name; link
// puts the number in, so that a new scale never makes new code.
import { CodeWriter, formOf, type Address } from './encode.ts';
import type { Relocation } from './object.ts';

export { noAddress, type Address } from './encode.ts';

/** Names a member of Params.scalars. */
export interface ScalarName {
  readonly scalar: string;
}

export type Operands = Readonly<Record<string, number | Address | ScalarName>>;

export function scalar(name: string): ScalarName {
  return { scalar: name };
}

export function at(address: Address, bytes: number): Address {
  return { space: address.space, offset: address.offset + bytes };
}

export class Emitter {
  readonly #writer = new CodeWriter();
  readonly #relocations: Relocation[] = [];
  #words = 0;

  emit(name: string, operands: Operands): void {
    const form = formOf(name);
    const plain: Record<string, number | Address> = {};
    const named = new Map<string, string>();
    for (const key of Object.keys(operands)) {
      const operand = operands[key]!;
      if (typeof operand !== 'number' && 'scalar' in operand) {
        named.set(key, operand.scalar);
        plain[key] = 0;
      } else plain[key] = operand;
    }
    if (named.size > 0) {
      for (const slot of form.slots) {
        const scalar = named.get(slot.name);
        if (scalar !== undefined) this.#relocations.push({ word: this.#words + slot.word, scalar });
      }
    }
    this.#writer.add(name, plain);
    this.#words += form.words;
  }

  finish(): { readonly code: Uint32Array; readonly relocations: readonly Relocation[] } {
    return { code: this.#writer.code(), relocations: this.#relocations };
  }
}
