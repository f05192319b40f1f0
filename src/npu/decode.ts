// Code words to instructions. Bytes may be hostile: whatever doesn't follow the table is a Fault that names the instruction. Says nothing
// about meaning: legal.ts holds what the fields of a linked program must satisfy, bounds.ts where its addresses may point.
import { Fault, type FaultParts } from '../base/fault.ts';
import { formOfOpcode, headWords, noAddress, type Address, type Form, type Slot, type Wait } from './encode.ts';
import { space, type Engine } from './isa.ts';

export interface Decoded {
  /** Number of the instruction in its code. */
  readonly index: number;
  /** Its first word in the code. */
  readonly at: number;
  readonly form: Form;
  readonly name: string;
  readonly engine: Engine;
  readonly wait: Wait;
  /** Every operand that is a number, by name. */
  readonly fields: Readonly<Record<string, number>>;
  /** Every operand that is an address, by name; unused ones have space.none. */
  readonly addresses: Readonly<Record<string, Address>>;
}

export function decode(code: Uint32Array): Decoded[] {
  const decoded: Decoded[] = [];
  for (let at = 0; at < code.length; ) {
    const instruction = decodeAt(code, at, decoded.length);
    decoded.push(instruction);
    at += instruction.form.words;
  }
  return decoded;
}

function decodeAt(code: Uint32Array, at: number, index: number): Decoded {
  const head = code[at]!;
  const form = formOfOpcode(head & 0xff);
  if (form === undefined) throw new Fault({ what: `instruction ${index}: unknown opcode 0x${(head & 0xff).toString(16)}`, facts: [['word', String(at)]] });
  const { name, engine } = form.instruction;
  if (head >>> 8 !== form.words) throw faultAt({ index, name }, `length is ${head >>> 8} words`, [['known', String(form.words)]]);
  if (at + form.words > code.length) throw faultAt({ index, name }, `code ends after ${code.length - at} of ${form.words} words`);
  const { fields, addresses } = blankOf(form);
  for (const slot of form.slots) {
    if (slot.kind === 'addr') addresses[slot.name] = readAddress({ index, name }, slot, code[at + slot.word]!, code[at + slot.word + 1]!);
    else fields[slot.name] = numberOf(slot, code[at + slot.word]!);
  }
  const wait: Wait = [code[at + 1]!, code[at + 2]!, code[at + 3]!, code[at + headWords - 1]!];
  return { index, at, form, name, engine, wait, fields, addresses };
}

interface Blank {
  readonly fields: Record<string, number>;
  readonly addresses: Record<string, Address>;
}

const blanks = new Map<Form, Blank>();

/** Records that have all members of a form: filling them in is many times as fast as adding members one by one. */
function blankOf(form: Form): Blank {
  let blank = blanks.get(form);
  if (blank === undefined) {
    const [numbers, places] = [form.slots.filter((slot) => slot.kind !== 'addr'), form.slots.filter((slot) => slot.kind === 'addr')];
    blank = { fields: Object.fromEntries(numbers.map((slot) => [slot.name, 0])), addresses: Object.fromEntries(places.map((slot) => [slot.name, noAddress])) };
    blanks.set(form, blank);
  }
  return { fields: { ...blank.fields }, addresses: { ...blank.addresses } };
}

/** A fault of one instruction, in the one form that all of them have: `instruction 12 (conv): what`. */
export function faultAt({ index, name }: Pick<Decoded, 'index' | 'name'>, what: string, facts: FaultParts['facts'] = []): Fault {
  return new Fault({ what: `instruction ${index} (${name}): ${what}`, facts });
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

function numberOf(slot: Slot, value: number): number {
  if (slot.kind === 's32') return value | 0;
  if (slot.kind === 'u32') return value;
  word[0] = value;
  return float[0]!;
}

/** Operands that may be left out; the table of an epilogue may be everywhere. */
const optional = new Set(['quantize channel_params', 'mean out']);

function readAddress(instruction: Pick<Decoded, 'index' | 'name'>, slot: Slot, where: number, offset: number): Address {
  if (where === space.none) {
    if (offset !== 0) throw faultAt(instruction, `${slot.name} is no address, but has the offset ${offset}`);
    if (slot.name !== 'table' && !optional.has(`${instruction.name} ${slot.name}`)) throw faultAt(instruction, `${slot.name} has no address`);
  } else if (where > space.swap && (where < space.input || where >= 2 * space.output)) {
    throw faultAt(instruction, `${slot.name} is in space ${where}`, [['known', '0 ocm, 1 params, 2 swap, 256… input, 512… output']]);
  }
  return { space: where, offset };
}
