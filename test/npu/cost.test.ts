import assert from 'node:assert/strict';
import test from 'node:test';
import { arrayCycles, costOf, dmaCycles, matmulCycles } from '../../src/npu/cost.ts';
import { decode } from '../../src/npu/decode.ts';
import { dependencies } from '../../src/npu/dependencies.ts';
import { CodeWriter, formOf } from '../../src/npu/encode.ts';
import { instructions, space } from '../../src/npu/isa.ts';
import { schedule } from '../../src/npu/schedule.ts';
import type { Target } from '../../src/targets/target.ts';
import { chipOf } from './targets.ts';

/** Round numbers: an instruction starts in 10 cycles, a transfer in 100; 8 x 16 x 16 products, 4 bytes a cycle; results leave for nothing. */
const chip: Target = {
  ...chipOf(65536), array: { positions: 8, outChannels: 16, inChannels: 16, wideFactor: 4 }, arrays: 1, matmulFactor: 1.5, resultBytes: Infinity,
  ddrBytesPerCycle: 4, dmaStartCycles: 100, instructionStartCycles: 10, handoverCycles: 30, vectorLanes: 8, moveBytes: 8,
};

test('a convolution is padded to whole passes of the array', () => {
  const work = { positions: 8, outChannels: 16, inChannels: 16, taps: 9, wide: false, resultBytes: 1, table: false };
  assert.equal(arrayCycles(chip, work), 10 + 9);
  assert.equal(arrayCycles(chip, { ...work, positions: 9 }), 10 + 18);
  assert.equal(arrayCycles(chip, { ...work, outChannels: 17 }), 10 + 18);
  assert.equal(arrayCycles(chip, { ...work, inChannels: 3 }), 10 + 2, '27 products fill two depths of 16');
  assert.equal(arrayCycles(chip, { ...work, inChannels: 0 }), 10 + 9, 'depthwise: one tap after another');
  assert.equal(arrayCycles(chip, { ...work, wide: true }), 10 + 36);
});

test('results leave the array after the products, through the vector engine where they go through a table', () => {
  const work = { positions: 8, outChannels: 16, inChannels: 16, taps: 9, wide: false, resultBytes: 2, table: false };
  const slow = { ...chip, resultBytes: 16 };
  assert.equal(arrayCycles(slow, work), 10 + 9 + 16);
  assert.equal(arrayCycles(slow, { ...work, table: true }), 10 + 9 + 16 + 64);
  assert.equal(matmulCycles(slow, { ...work, taps: 8 }), 10 + 12 + 16, 'products of two activations take half as long again');
});

test('several arrays cut a tile by positions or by channels, whichever is faster, into whole passes', () => {
  const work = { positions: 32, outChannels: 32, inChannels: 16, taps: 1, wide: false, resultBytes: 1, table: false };
  const spread = (arrays: number, more: Partial<typeof work> = {}): number => arrayCycles({ ...chip, arrays }, { ...work, ...more }) - 10;
  assert.deepEqual([1, 2, 3, 4, 8].map((arrays) => spread(arrays)), [8, 4, 4, 2, 2]);
  assert.equal(spread(4, { positions: 1, outChannels: 64 }), 1, 'one position: by channels');
  assert.equal(spread(4, { positions: 8, outChannels: 16 }), 1, 'one pass keeps one array busy, however many there are');
});

test('every instruction has a cost', () => {
  for (const { name } of instructions) {
    const fields = Object.fromEntries(formOf(name).slots.filter(({ kind }) => kind !== 'addr').map((slot) => [slot.name, 1]));
    assert.ok(costOf({ name, fields }, chip) > 0, name);
  }
});

function transfer(writer: CodeWriter, name: 'load' | 'store', { ddr, ocm, run }: { ddr: number; ocm: number; run: number }): void {
  const [there, here] = [{ space: name === 'load' ? space.input : space.output, offset: ddr }, { space: space.ocm, offset: ocm }];
  const [from, to] = name === 'load' ? [there, here] : [here, there];
  writer.add(name, { from, to, from_plane_pitch: 0, from_row_pitch: 0, to_plane_pitch: 0, to_row_pitch: 0, planes: 1, rows: 1, run });
}

function look(writer: CodeWriter, { from, to, length }: { from: number; to: number; length: number }): void {
  const at = (offset: number) => ({ space: space.ocm, offset });
  writer.add('lut', { in: at(from), in_row_pitch: 0, in_col_pitch: 0, lut: at(60000), out: at(to), out_row_pitch: 0, out_col_pitch: 0, out_bytes: 1, rows: 1, cols: 1, channels: length });
}

test('a reader waits for the last writer of each other engine, a writer also for readers, and nobody twice', () => {
  const writer = new CodeWriter();
  transfer(writer, 'load', { ddr: 0, ocm: 0, run: 400 });
  transfer(writer, 'load', { ddr: 400, ocm: 400, run: 400 });
  look(writer, { from: 0, to: 1000, length: 400 }); // after load 1
  look(writer, { from: 400, to: 2000, length: 400 }); // after load 2
  look(writer, { from: 0, to: 3000, length: 100 }); // has waited already
  transfer(writer, 'load', { ddr: 800, ocm: 300, run: 50 }); // after the first lut has read there
  transfer(writer, 'store', { ddr: 0, ocm: 2000, run: 400 }); // after the second lut
  assert.deepEqual(dependencies(decode(writer.code())), [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 2], [0, 0, 0, 0], [0, 1, 0, 0], [0, 2, 0, 0]]);
});

test('memory that spans pages of the book is one memory', () => {
  const writer = new CodeWriter();
  transfer(writer, 'load', { ddr: 0, ocm: 65000, run: 140_000 });
  look(writer, { from: 65000 + 139_999, to: 10, length: 1 });
  look(writer, { from: 65000 + 140_000, to: 20, length: 1 });
  assert.deepEqual(dependencies(decode(writer.code())), [[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]]);
});

test('engines run in order, start when they may, and transfers under computing are counted as overlap', () => {
  const writer = new CodeWriter();
  transfer(writer, 'load', { ddr: 0, ocm: 0, run: 400 }); // 0 … 200
  look(writer, { from: 0, to: 1000, length: 400 }); // 200 … 260
  transfer(writer, 'load', { ddr: 400, ocm: 400, run: 400 }); // 200 … 400
  transfer(writer, 'store', { ddr: 0, ocm: 1000, run: 400 }); // 400 … 600
  const instructions = decode(writer.code());
  assert.equal(dmaCycles(chip, 400), 200);
  assert.deepEqual(schedule(instructions, dependencies(instructions), chip), {
    start: [0, 200, 200, 400], finish: [200, 260, 400, 600], cycles: 600, busy: { conv: 0, teng: 60, cv: 0, sdma: 600 }, overlapCycles: 60,
  });
});

test('groups compute one after the other, with a handover in between; transfers go on', () => {
  const writer = new CodeWriter();
  transfer(writer, 'load', { ddr: 0, ocm: 0, run: 400 }); // 0 … 200
  look(writer, { from: 0, to: 1000, length: 400 }); // 200 … 260
  transfer(writer, 'load', { ddr: 400, ocm: 400, run: 4 }); // 200 … 301
  look(writer, { from: 0, to: 2000, length: 80 }); // 260 … 310: 30 more than its own 20
  look(writer, { from: 80, to: 3000, length: 80 }); // of the same group: 310 … 330
  const instructions = decode(writer.code());
  const { start, cycles } = schedule(instructions, dependencies(instructions), chip, { owners: [0, 0, 1, 1, 1] });
  assert.deepEqual({ start, cycles }, { start: [0, 200, 200, 260, 310], cycles: 330 });
});
