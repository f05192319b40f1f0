// Encoding, decoding, text, and their document.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import { decode } from '../../src/npu/decode.ts';
import { CodeWriter, formOf, forms, noAddress, waitWord, type Operands } from '../../src/npu/encode.ts';
import { instructions, space } from '../../src/npu/isa.ts';
import { readProgram, writeProgram } from '../../src/npu/program.ts';
import type { Program } from '../../src/npu/object.ts';
import { printInstructions } from '../../src/npu/text.ts';
import { seedOf } from '../rig/random.ts';
import { Random } from './stage.ts';

test('the table has one name and one opcode an instruction, one name a field', () => {
  assert.equal(new Set(instructions.map(({ name }) => name)).size, instructions.length);
  assert.equal(new Set(instructions.map(({ opcode }) => opcode)).size, instructions.length);
  for (const { name, opcode, fields } of instructions) {
    assert.ok(opcode > 0 && opcode < 256, name);
    assert.equal(new Set(fields.map((field) => field.name)).size, fields.length, name);
  }
});

test(`decoding gives back what was written (SEED=${seedOf()})`, () => {
  const random = new Random(seedOf());
  const writer = new CodeWriter();
  const written = Array.from({ length: 200 }, () => {
    const form = random.pick(...forms);
    const operands: Operands = Object.fromEntries(form.slots.map(({ name, kind }) => {
      if (kind === 'addr') return [name, { space: random.pick(0, 1, 2, space.input, space.input + 7, space.output, space.output + 3), offset: random.bits() }];
      return [name, kind === 's32' ? random.bits() | 0 : kind === 'u32' ? random.bits() : Math.fround(random.within(-1000, 1000) / 7)];
    }));
    const wait = [random.within(0, 9), random.bits(), 0, random.within(0, 3)] as const;
    return { index: writer.add(form.instruction.name, operands, wait), name: form.instruction.name, operands, wait };
  });
  assert.equal(writer.count, written.length);
  const decoded = decode(writer.code()).map(({ index, name, fields, addresses, wait }) => ({ index, name, operands: { ...fields, ...addresses }, wait }));
  assert.deepEqual(decoded, written);
});

test('an operand that is missing, unknown or too large is a bug of the writer', () => {
  const load = { from: { space: space.params, offset: 0 }, from_plane_pitch: 0, from_row_pitch: 0, to: { space: 0, offset: 0 }, to_plane_pitch: 0, to_row_pitch: 0, planes: 1, rows: 1, run: 4 };
  const { run, ...less } = load;
  assert.throws(() => new CodeWriter().add('load', less), { message: 'BUG: load lacks run' });
  assert.throws(() => new CodeWriter().add('load', { ...load, speed: run }), { message: 'BUG: load has no speed' });
  assert.throws(() => new CodeWriter().add('load', { ...load, run: 2 ** 32 }), { message: "BUG: run can't hold 4294967296" });
  assert.throws(() => new CodeWriter().add('load', { ...load, run: 1.5 }), { message: "BUG: run can't hold 1.5" });
  assert.throws(() => new CodeWriter().add('load', { ...load, from: 4 }), { message: 'BUG: from is an address' });
  assert.throws(() => new CodeWriter().add('fly', {}), { message: 'BUG: no instruction fly' });
});

/** load, lut, store: a program whose words can be broken. */
function example(): CodeWriter {
  const writer = new CodeWriter();
  const whole = { from_plane_pitch: 0, from_row_pitch: 0, to_plane_pitch: 0, to_row_pitch: 0, planes: 1, rows: 1 };
  writer.add('load', { from: { space: space.input, offset: 0 }, to: { space: space.ocm, offset: 0 }, ...whole, run: 260 });
  writer.add('lut', {
    in: { space: space.ocm, offset: 256 }, in_row_pitch: 4, in_col_pitch: 4, lut: { space: space.ocm, offset: 0 }, out: { space: space.ocm, offset: 320 }, out_row_pitch: 4, out_col_pitch: 4, out_bytes: 1,
    rows: 1, cols: 1, channels: 4,
  }, [0, 0, 0, 1]);
  writer.add('store', { from: { space: space.ocm, offset: 320 }, to: { space: space.output, offset: 0 }, ...whole, run: 4 }, [0, 1, 0, 0]);
  return writer;
}

test('programs print as text', () => {
  assert.equal(printInstructions(decode(example().code())), `\
   0  load        from input0+0  from_plane_pitch 0  from_row_pitch 0  to ocm+0  to_plane_pitch 0  to_row_pitch 0  planes 1  rows 1  run 260
   1  lut         wait sdma 1  in ocm+256  in_row_pitch 4  in_col_pitch 4  lut ocm+0  out ocm+320  out_row_pitch 4  out_col_pitch 4  out_bytes 1  rows 1  cols 1  channels 4
   2  store       wait teng 1  from ocm+320  from_plane_pitch 0  from_row_pitch 0  to output0+0  to_plane_pitch 0  to_row_pitch 0  planes 1  rows 1  run 4
`);
});

test('words that follow no table are faults that name the instruction', () => {
  const good = example().code();
  const [load, lut] = [formOf('load').words, formOf('lut')];
  const slot = (name: string): number => load + lut.slots.find((candidate) => candidate.name === name)!.word;
  const broken = (word: number, value: number, cut = good.length): Uint32Array => {
    const code = good.slice(0, cut);
    code[word] = value;
    return code;
  };
  const faults: readonly (readonly [Uint32Array, string])[] = [
    [broken(load, 0x99 | (lut.words << 8)), `instruction 1: unknown opcode 0x99\n   word  ${load}`],
    [broken(load, 0x23 | (7 << 8)), `instruction 1 (lut): length is 7 words\n   known  ${lut.words}`],
    [good.slice(0, good.length - 3), `instruction 2 (store): code ends after ${load - 3} of ${load} words`],
    [broken(slot('in'), 5), 'instruction 1 (lut): in is in space 5\n   known  0 ocm, 1 params, 2 swap, 256… input, 512… output'],
    [broken(slot('lut'), space.none), 'instruction 1 (lut): lut has no address'],
    [broken(slot('out'), space.none), 'instruction 1 (lut): out is no address, but has the offset 320'],
  ];
  for (const [code, message] of faults) assert.throws(() => decode(code), (error) => error instanceof Fault && error.message === message, message);
  assert.equal(waitWord('sdma'), 4);
});

test('docs/program-format.md names every instruction and every field, with its word', () => {
  const path = join(import.meta.dirname, '../../docs/program-format.md');
  const text = readFileSync(path, 'utf8');
  const start = text.indexOf('\n', text.indexOf('rewrites it.')) + 1;
  const expected = text.slice(0, start) + tables();
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, expected);
  else assert.equal(text, expected);
});

function tables(): string {
  return forms.map(({ instruction: { name, opcode, engine, about }, words, slots }) => {
    const fields = slots.map(({ name: field, kind, use, word }) => `${word} \`${field}\`${use !== undefined ? ` ${use}` : kind === 'u32' ? '' : ` ${kind}`}`);
    return `\n### ${name}\n\nOpcode 0x${opcode.toString(16).padStart(2, '0')}, ${engine}, ${words} words. ${about}\n\n${fields.join(', ')}.\n`;
  }).join('');
}

test('a program comes back from its bytes, and other bytes are faults', () => {
  const program: Program = {
    code: example().code(), paramsBytes: 0, constantOffsets: [0, 64], swapBytes: 0, ocmBytes: 384, inputs: [{ bytes: 260 }], outputs: [{ bytes: 4 }], edges: [{ space: space.input, offset: 0, completeAfter: -1 }], chosen: [2], owners: [[0, 2], [1, 1]],
    stats: { cycles: 10, busy: { conv: 0, teng: 1, cv: 0, sdma: 9 }, overlapCycles: 0, ddrBytes: { params: 0, load: 260, store: 4 }, macs: 0, ocmPeak: 324, ocmLive: 324, swapPeak: 0, swapLive: 0 },
  };
  const bytes = writeProgram(program);
  assert.deepEqual(readProgram(bytes), program);
  assert.deepEqual(writeProgram(readProgram(bytes)), bytes);
  const swapped = (from: string, to: string): Uint8Array => Uint8Array.from(Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1'));
  assert.throws(() => readProgram(swapped('"version":2', '"version":7')), { message: 'program format 7 is not known\n   known  2' });
  assert.throws(() => readProgram(swapped('"ocmBytes"', '"ocmbytes"')), { message: 'these bytes are not an axbuild program: ocmBytes is missing or malformed' });
  assert.throws(() => readProgram(swapped('"cycles":10', '"cycles":-1')), { message: 'these bytes are not an axbuild program: cycles is missing or malformed' });
  assert.throws(() => readProgram(new Uint8Array(40)), { message: 'these bytes are not an axbuild pack' });
  assert.equal(noAddress.space, space.none);
});
