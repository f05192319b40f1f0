// Where each field of an instruction sits in its words, and the writer that puts them there. Everything follows from the table in isa.ts;
// decode.ts is the way back, text.ts the readable form.
import { engines, instructions, space, type Engine, type FieldKind, type FieldUse, type Instruction } from './isa.ts';
import type { Relocation } from './object.ts';

export interface Address {
  readonly space: number;
  readonly offset: number;
}

/** Per engine, in the order of `engines`: how many of its instructions must have completed. */
export type Wait = readonly [number, number, number, number];

/** Names a member of Params.scalars. */
export interface ScalarName {
  readonly scalar: string;
}

/** An operand by name: a number, or an address where the table says `addr`. A scalar's word is 0 until link puts the number there. */
export type Operands = Readonly<Record<string, number | Address | ScalarName | undefined>>;

/** Words before the operands: opcode | length, and one wait for each engine. */
export const headWords = 1 + engines.length;

export const noAddress: Address = { space: space.none, offset: 0 };
export const noWait: Wait = [0, 0, 0, 0];

/** A field with its place: `word` counts from the instruction's first word. An address takes `word` (space) and `word + 1` (offset). */
export interface Slot {
  readonly name: string;
  readonly kind: FieldKind;
  readonly use?: FieldUse;
  readonly word: number;
}

/** An instruction with the places of its fields. */
export interface Form {
  readonly instruction: Instruction;
  readonly words: number;
  readonly slots: readonly Slot[];
}

export const forms: readonly Form[] = instructions.map((instruction) => {
  let word = headWords;
  const slots = instruction.fields.map((field) => {
    const slot = { ...field, word };
    word += field.kind === 'addr' ? 2 : 1;
    return slot;
  });
  return { instruction, words: word, slots };
});

const byName = new Map(forms.map((form) => [form.instruction.name, form]));
const byOpcode = new Map(forms.map((form) => [form.instruction.opcode, form]));

export function formOf(name: string): Form {
  const form = byName.get(name);
  if (form === undefined) throw new Error(`BUG: no instruction ${name}`);
  return form;
}

/** Undefined where the table has no such opcode: hostile bytes may hold any. */
export function formOfOpcode(opcode: number): Form | undefined {
  return byOpcode.get(opcode);
}

/** Word of an engine's wait, counted from the instruction's first word. */
export function waitWord(engine: Engine): number {
  return 1 + engines.indexOf(engine);
}

/** Appends instructions to growing code. An operand that is missing, unknown or doesn't fit its field is a bug of the caller. */
export class CodeWriter {
  readonly relocations: Relocation[] = [];
  #words = new Uint32Array(1024);
  #length = 0;
  #count = 0;

  /** How many instructions were added. */
  get count(): number {
    return this.#count;
  }

  /** Returns the instruction's index. */
  add(name: string, operands: Operands, wait: Wait = noWait): number {
    const form = formOf(name);
    this.#reserve(form.words);
    const start = this.#length;
    this.#words[start] = form.instruction.opcode | (form.words << 8);
    this.#words.set(wait, start + 1);
    for (const slot of form.slots) {
      const operand = operands[slot.name];
      if (operand === undefined) throw new Error(`BUG: ${name} lacks ${slot.name}`);
      if (typeof operand === 'object' && 'scalar' in operand) this.relocations.push({ word: start + slot.word, scalar: operand.scalar });
      else writeOperand(this.#words, start, slot, operand);
    }
    if (Object.keys(operands).length !== form.slots.length) throw new Error(`BUG: ${name} has no ${strayNames(form, operands)}`);
    this.#length += form.words;
    return this.#count++;
  }

  code(): Uint32Array {
    return this.#words.slice(0, this.#length);
  }

  #reserve(words: number): void {
    if (this.#length + words <= this.#words.length) return;
    const larger = new Uint32Array(2 * this.#words.length);
    larger.set(this.#words);
    this.#words = larger;
  }
}

/** Puts one operand into the instruction that starts at `start`. */
export function writeOperand(code: Uint32Array, start: number, slot: Slot, operand: number | Address): void {
  if (typeof operand === 'number') {
    code[start + slot.word] = wordOf(slot, operand);
    return;
  }
  if (slot.kind !== 'addr') throw new Error(`BUG: ${slot.name} is no address`);
  code[start + slot.word] = checked(slot.name, operand.space, 0, 0xffffffff);
  code[start + slot.word + 1] = checked(slot.name, operand.offset, 0, 0xffffffff);
}

const float = new Float32Array(1);
const floatWord = new Uint32Array(float.buffer);

function wordOf(slot: Slot, value: number): number {
  switch (slot.kind) {
    case 'u32':
      return checked(slot.name, value, 0, 0xffffffff);
    case 's32':
      return checked(slot.name, value, -0x80000000, 0x7fffffff) >>> 0;
    case 'f32':
      float[0] = value;
      return floatWord[0]!;
    case 'addr':
      throw new Error(`BUG: ${slot.name} is an address`);
  }
}

function checked(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) throw new Error(`BUG: ${name} can't hold ${value}`);
  return value;
}

function strayNames(form: Form, operands: Operands): string {
  const known = new Set(form.slots.map((slot) => slot.name));
  return Object.keys(operands).filter((name) => !known.has(name)).join(', ');
}
