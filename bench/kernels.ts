// The simulator's kernels on shapes of real networks: rate of the kernel alone, and of a program of that one instruction.
import { conv, eltwise, lut, msOf, rateOfKernel, rateOfProgram, rescale, resize, transpose, type Case, type Size } from './instructions.ts';

export async function run(): Promise<void> {
  console.log(`${'shape'.padEnd(44)}      work     kernel   simulate`);
  for (const one of cases) {
    const rate = (value: number): string => value.toFixed(2).padStart(6);
    console.log(`${one.name.padEnd(44)} ${(one.work / 1e6).toFixed(1).padStart(6)} M${one.unit.padEnd(4)} ${rate(rateOfKernel(one))} G/s ${rate(rateOfProgram(one))} G/s`);
  }
  const count = 4000;
  const small: Case = { name: 'rescale 16', work: 16, unit: 'elem', made: rescale({ rows: 1, cols: 1, channels: 16 }) };
  console.log(`${count} instructions of 16 elements: ${((msOf(small, count) * 1000) / count).toFixed(2)} us each`);
}

const det: Size = { rows: 80, cols: 80, channels: 24 };

const cases: readonly Case[] = [
  conv('', { size: 56, from: 64, to: 128, kernel: 3 }),
  conv('', { size: 160, from: 3, to: 16, kernel: 3, stride: 2 }),
  conv(' table', { size: 160, from: 3, to: 16, kernel: 3, stride: 2, withTable: true }),
  conv('', { size: 160, from: 16, to: 32, kernel: 1 }),
  conv(' table', { size: 160, from: 16, to: 32, kernel: 1, withTable: true }),
  conv('', { size: 40, from: 96, to: 96, kernel: 1 }),
  conv('', { size: 80, from: 96, to: 24, kernel: 3 }),
  conv('', { size: 160, from: 24, to: 1, kernel: 1 }),
  conv('', { size: 1, from: 1280, to: 1000, kernel: 1 }),
  conv(' U16 x S8', { size: 40, from: 96, to: 96, kernel: 3, inBytes: 2 }),
  conv(' U16 x S16', { size: 40, from: 96, to: 96, kernel: 3, inBytes: 2, weightBytes: 2 }),
  conv('', { size: 56, from: 128, kernel: 3 }),
  conv('', { size: 160, from: 16, kernel: 3 }),
  conv(' table', { size: 160, from: 16, kernel: 3, withTable: true }),
  conv('', { size: 40, from: 96, kernel: 5 }),
  conv(' U16 x S16', { size: 56, from: 128, kernel: 3, inBytes: 2, weightBytes: 2 }),
  eltwise('add', det, {}),
  eltwise('mul', det, { note: ' by a channel vector', shared: true }),
  eltwise('add', det, { note: ' table', withTable: true }),
  { name: 'rescale 24 at 80x80', work: 80 * 80 * 24, unit: 'elem', made: rescale(det) },
  { name: 'lut 24 at 80x80', work: 80 * 80 * 24, unit: 'elem', made: lut(det) },
  { name: 'transpose 24 at 80x80', work: 80 * 80 * 24, unit: 'elem', made: transpose(24, 80) },
  { name: 'resize x2 24 at 40x40', work: 80 * 80 * 24, unit: 'elem', made: resize(24, 40) },
];
