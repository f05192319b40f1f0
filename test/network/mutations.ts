// Random changes of single fields of encoded instructions.
import { decode, type Decoded } from '../../src/npu/decode.ts';
import { engines } from '../../src/npu/isa.ts';
import { pick, type Random } from '../rig/random.ts';

export interface Mutation {
  readonly code: Uint32Array;
  /** The instruction before the change. */
  readonly instruction: Decoded;
  readonly field: string;
  readonly before: number;
  readonly after: number;
}

interface Field {
  readonly name: string;
  readonly word: number;
  /** Bits of the word that are the field's. */
  readonly shift: number;
  readonly bits: number;
}

/** A field of any instruction; every second time all kinds of instructions are equally likely, so that rare ones get their turn. */
export function mutate(code: Uint32Array, rand: Random): Mutation {
  const instructions = decode(code);
  const kind = pick(rand, [...new Set(instructions.map(({ name }) => name))]);
  const instruction = pick(rand, rand() < 0.5 ? instructions : instructions.filter(({ name }) => name === kind));
  const field = pick(rand, fieldsOf(instruction));
  const read = ({ at }: Decoded): number => (code[at + field.word]! >>> field.shift) & mask(field);
  const alike = instructions.filter(({ name }) => name === instruction.name);
  const before = read(instruction) >>> 0;
  let after = before;
  while (after === before) after = (pick(rand, changes)(before, { rand, bits: field.bits, other: read(pick(rand, alike)) }) & mask(field)) >>> 0;
  const changed = code.slice();
  const at = instruction.at + field.word;
  changed[at] = (changed[at]! & ~(mask(field) << field.shift)) | (after << field.shift);
  return { code: changed, instruction, field: field.name, before, after };
}

export function describe({ instruction, field, before, after }: Mutation): string {
  const signed = instruction.form.slots.find((slot) => slot.name === field)?.kind === 's32';
  const value = (word: number): number => (signed ? word | 0 : word);
  return `instruction ${instruction.index} (${instruction.name}): ${field} ${value(before)} -> ${value(after)}`;
}

type Change = (value: number, how: { rand: Random; bits: number; other: number }) => number;

const changes: readonly Change[] = [
  (value, { rand, bits }) => value ^ (1 << Math.floor(rand() * bits)),
  (value, { rand, bits }) => value ^ (1 << Math.floor(rand() * Math.min(bits, 8))),
  (value, { rand }) => value + (rand() < 0.5 ? -1 : 1) * Math.ceil(rand() * 16),
  (_, { other, rand, bits }) => (rand() < 0.9 ? other : Math.floor(rand() * 2 ** bits)),
];

function fieldsOf({ form }: Decoded): Field[] {
  const whole = { shift: 0, bits: 32 };
  return [
    { name: 'opcode', word: 0, shift: 0, bits: 8 },
    { name: 'length', word: 0, shift: 8, bits: 24 },
    ...engines.map((engine, e) => ({ name: `wait ${engine}`, word: 1 + e, ...whole })),
    ...form.slots.flatMap(({ name, kind, word }) => (kind === 'addr' ? [{ name: `${name} space`, word, ...whole }, { name: `${name} offset`, word: word + 1, ...whole }] : [{ name, word, ...whole }])),
  ];
}

function mask({ bits }: Field): number {
  return bits === 32 ? -1 : 2 ** bits - 1;
}
