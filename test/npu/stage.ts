// One instruction in a memory of random bytes: the scene of every kernel test. The program loads all of on-chip memory from input 0,
// executes the instruction, and stores all of it to output 0, so that a byte written beside its operand shows too.
import assert from 'node:assert/strict';
import { decode, type Decoded } from '../../src/npu/decode.ts';
import { CodeWriter, formOf, noAddress, type Address, type Operands } from '../../src/npu/encode.ts';
import { engines, space } from '../../src/npu/isa.ts';
import { simulate, type Runnable } from '../../src/npu/simulate.ts';
import { printInstruction } from '../../src/npu/text.ts';
import { random } from '../rig/random.ts';
import { define } from './oracle.ts';

/** Whole numbers by chance, with a seed. */
export class Random {
  readonly #next: () => number;
  constructor(seed: number) {
    this.#next = random(seed);
  }
  bits(): number {
    return Math.floor(this.#next() * 2 ** 32);
  }
  /** A whole number in low … high. */
  within(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }
  pick<T>(...choices: readonly T[]): T {
    return choices[this.within(0, choices.length - 1)]!;
  }
  chance(oneIn: number): boolean {
    return this.within(1, oneIn) === 1;
  }
}

/** How many rounds a random test runs. */
export function rounds(usual: number): number {
  return process.env.SOAK === '1' ? 20 * usual : usual;
}

export const noTable = { table: noAddress, index_bits: 0, fraction_bits: 0, value_bits: 0 };

/** On-chip memory being laid out. */
export class Stage {
  readonly random: Random;
  #bytes = new Uint8Array(1024);
  #end = 0;
  constructor(random: Random) {
    this.random = random;
  }

  get memory(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  /** Room for `bytes`, at no particular alignment; what they hold is up to `fill`. */
  place(bytes: number, fill: (view: DataView) => void = (view) => this.noise(view)): Address {
    const offset = this.#end + this.random.within(0, 9);
    this.#end = offset + bytes;
    while (this.#end > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    fill(new DataView(this.#bytes.buffer, offset, bytes));
    return { space: space.ocm, offset };
  }

  noise(view: DataView): void {
    for (let i = 0; i < view.byteLength; i++) view.setUint8(i, this.random.bits());
  }

  /** Codes at the ends of their range, or anything. */
  codes(view: DataView): void {
    const style = this.random.within(0, 4);
    for (let i = 0; i < view.byteLength; i++) view.setUint8(i, style === 0 ? 0 : style === 1 ? 255 : style === 2 ? this.random.pick(0, 255) : this.random.bits());
  }

  /** A plane of rows x cols x run bytes, tight or with gaps: its address and pitches, under `prefix`. */
  plane(prefix: string, { rows, cols, run }: { rows: number; cols: number; run: number }): Operands {
    const colPitch = run + (this.random.chance(2) ? 0 : this.random.within(0, 5));
    const rowPitch = cols * colPitch + (this.random.chance(2) ? 0 : this.random.within(0, 9));
    const bytes = (rows - 1) * rowPitch + (cols - 1) * colPitch + run;
    return { [prefix]: this.place(bytes, (view) => this.codes(view)), [`${prefix}_row_pitch`]: rowPitch, [`${prefix}_col_pitch`]: colPitch };
  }

  /** An epilogue for output codes of `bytes`: clamp, or a table of narrow or wide entries. */
  epilogue(bytes: number): Operands {
    const { random } = this;
    const levels = bytes === 1 ? 255 : 65535;
    const [lo, hi] = random.chance(2) ? [0, levels] : [random.within(0, levels >> 1), random.within(levels >> 1, levels)];
    if (random.chance(2)) return { zero: random.pick(0, levels, random.within(0, levels)), lo, hi, ...noTable };
    const [index_bits, fraction_bits, value_bits] = random.pick<readonly [number, number, number]>([9, 7, 8], [12, 12, 6], [1, 1, 0], [13, 3, 16]);
    const top = random.pick(levels << value_bits, 2 ** 30);
    const table = this.place(4 * (2 ** index_bits + 1), (view) => {
      for (let i = 0; i < view.byteLength; i += 4) view.setInt32(i, random.chance(20) ? random.pick(-top, top) : random.within(-(top >> 3), top), true);
    });
    return { zero: random.within(-(2 ** (index_bits + fraction_bits)), 2 ** (index_bits + fraction_bits)), lo, hi, table, index_bits, fraction_bits, value_bits };
  }

  /** A legal multiplier and shift; `near`: a shift that keeps results in view of the output range. */
  factor(near: number): { multiplier: number; shift: number } {
    const { random } = this;
    if (random.chance(12)) return { multiplier: 0, shift: random.pick(17, 40, 62) };
    const shift = random.chance(8) ? random.within(17, 62) : Math.min(62, Math.max(17, near + random.within(-3, 3)));
    if (shift === 62 && random.chance(2)) return { multiplier: random.pick(1, 2 ** 30 - 1, random.within(1, 2 ** 30)), shift };
    return { multiplier: random.pick(2 ** 30, 2 ** 31 - 1, random.within(2 ** 30, 2 ** 31 - 1)), shift };
  }
}

export interface Scene {
  readonly program: Runnable;
  readonly image: Uint8Array;
  /** The instruction on stage. */
  readonly d: Decoded;
}

/** The instruction between a load of all on-chip memory and a store of it; output 1 is for `store` itself. */
export function sceneOf(stage: Stage, name: string, operands: Operands): Scene {
  const image = stage.memory.slice();
  const bytes = image.byteLength;
  const whole = { from_plane_pitch: 0, from_row_pitch: 0, to_plane_pitch: 0, to_row_pitch: 0, planes: 1, rows: 1, run: bytes };
  const ocm = { space: space.ocm, offset: 0 };
  const writer = new CodeWriter();
  writer.add('load', { from: { space: space.input, offset: 0 }, to: ocm, ...whole });
  const { engine } = formOf(name).instruction;
  writer.add(name, operands, [0, 0, 0, 1]);
  const wait = engines.map((other) => (other === 'sdma' ? (engine === 'sdma' ? 2 : 1) : other === engine ? 1 : 0));
  writer.add('store', { from: ocm, to: { space: space.output, offset: 0 }, ...whole }, [wait[0]!, wait[1]!, wait[2]!, wait[3]!]);
  const outputs = name === 'store' ? [{ bytes }, { bytes }] : [{ bytes }];
  const program = { code: writer.code(), ocmBytes: bytes, paramsBytes: 0, swapBytes: 0, inputs: [{ bytes }], outputs };
  return { program, image, d: decode(program.code)[1]! };
}

/** Runs the instruction on the kernels and by definition; whole memories and saturations must agree. */
export function compare(stage: Stage, name: string, operands: Operands): void {
  const { program, image, d } = sceneOf(stage, name, operands);
  const expected = [image.slice(), new Uint8Array(image.byteLength)];
  const saturations = define(d, new Map([[space.ocm, expected[0]!], [space.input, image], [space.output + 1, expected[1]!]]));
  // Output 1 is written in part only, which strict runs refuse.
  const got = simulate(program, new Uint8Array(0), [image], { strict: name !== 'store' });
  got.outputs.forEach((bytes, i) => {
    const wrong = bytes.findIndex((byte, at) => byte !== expected[i]![at]);
    if (wrong >= 0) assert.fail(`${printInstruction(d)}\n  output ${i}, byte ${wrong}: defined ${expected[i]![wrong]}, kernel ${bytes[wrong]}`);
  });
  assert.equal(got.saturations, saturations, printInstruction(d));
}
