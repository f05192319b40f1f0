// The SIMD kernels against definitions written from the specification, on random instructions with the edges forced.
import test from 'node:test';
import type { Operands } from '../../src/npu/encode.ts';
import { seedOf } from '../rig/random.ts';
import { operandsOf } from './instructions.ts';
import { compare, noTable, Random, rounds, Stage } from './stage.ts';

/** How many scenes of each instruction. */
const counts: Readonly<Record<string, number>> = { load: 40, store: 40, conv: 300, dwconv: 300, matmul: 300, add: 300, mul: 300, rescale: 300, lut: 60, max_pool: 150, avg_pool: 100, mean: 150, softmax: 100, layer_norm: 150, quantize: 150, dequantize: 60, float_binary: 200, float_function: 300, float_softmax: 100, move: 120 };

for (const [name, count] of Object.entries(counts)) {
  const seed = seedOf();
  test(`${name}: kernel and definition agree to the bit (SEED=${seed})`, () => {
    for (let round = 0; round < rounds(count); round++) {
      const random = new Random(seed + 7919 * round);
      const stage = new Stage(random);
      compare(stage, name, operandsOf[name]!(stage, random));
    }
  });
}

/** A product sum of `terms` equal codes and equal weights, one position, `channels` outputs. */
function longSum(stage: Stage, { terms, code, zero, weight, inBytes, weightBytes }: { terms: number; code: number; zero: number; weight: number; inBytes: number; weightBytes: number }): Operands {
  const fill = (bytes: number, value: number) => (view: DataView) => {
    for (let i = 0; i < view.byteLength; i += bytes) {
      if (bytes === 1) view.setUint8(i, value);
      else view.setUint16(i, value, true);
    }
  };
  const channels = 2;
  const pitches = (prefix: string): Operands => ({ [`${prefix}_row_pitch`]: 0, [`${prefix}_col_pitch`]: 0 });
  return {
    in: stage.place(terms * inBytes, fill(inBytes, code)), ...pitches('in'), in_bytes: inBytes, in_rows: 1, in_cols: 1, in_channels: terms, in_zero: zero,
    weights: stage.place(channels * terms * weightBytes, fill(weightBytes, weight)), weight_bytes: weightBytes, kernel_y: 1, kernel_x: 1, stride_y: 1, stride_x: 1, dilation_y: 1, dilation_x: 1,
    pad_top: 0, pad_left: 0,
    channel_params: stage.place(16 * channels, (view) => {
      for (let n = 0; n < channels; n++) {
        view.setBigInt64(16 * n, BigInt(n), true);
        view.setInt32(16 * n + 8, 2 ** 30 + 12345, true);
        // Results of 16 bits: the sum's own size decides how far it is shifted.
        view.setInt32(16 * n + 12, Math.min(62, Math.max(17, 16 + Math.ceil(Math.log2(Math.abs(terms * (code - zero) * weight) + 1)))), true);
      }
    }),
    out: stage.place(channels * 2), ...pitches('out'), out_bytes: 2, out_rows: 1, out_cols: 1, out_channels: channels, zero: 32768, lo: 0, hi: 65535, ...noTable,
  };
}

test('sums of many equal products overflow nothing on the way, whatever the types', () => {
  for (const inBytes of [1, 2]) {
    for (const weightBytes of [1, 2]) {
      const levels = inBytes === 1 ? 255 : 65535;
      const most = weightBytes === 1 ? 127 : 32767;
      for (const terms of [509, 510, 511, 512, 4096, 65790, 70001]) {
        for (const weight of [most, -most - 1]) {
          for (const [code, zero] of [[0, levels], [levels, 0]] as const) {
            const stage = new Stage(new Random(terms));
            compare(stage, 'conv', longSum(stage, { terms, code, zero, weight, inBytes, weightBytes }));
          }
        }
      }
    }
  }
});

test('depthwise sums of a large kernel and means of a large plane overflow nothing on the way', () => {
  for (const weight of [32767, -32768]) {
    const stage = new Stage(new Random(1));
    const { in_channels, out_channels, ...rest } = longSum(stage, { terms: 1, code: 0, zero: 65535, weight, inBytes: 2, weightBytes: 2 });
    const size = 40;
    const codes = stage.place(2 * size * size, (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(0));
    const weights = stage.place(2 * size * size, (view) => {
      for (let i = 0; i < view.byteLength; i += 2) view.setInt16(i, weight, true);
    });
    compare(stage, 'dwconv', { ...rest, channels: in_channels!, in: codes, in_row_pitch: 2 * size, in_col_pitch: 2, in_rows: size, in_cols: size, weights, kernel_y: size, kernel_x: size });
  }
  const stage = new Stage(new Random(2));
  const plane = stage.place(2 * 300 * 300, (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(255));
  const sums = stage.place(8);
  compare(stage, 'mean', {
    in: plane, in_row_pitch: 600, in_col_pitch: 2, in_bytes: 2, rows: 300, cols: 300, channels: 1, in_zero: 0, sums, first: 1, last: 1, multiplier: 2 ** 30, shift: 47,
    out: stage.place(2), out_bytes: 2, zero: 0, lo: 0, hi: 65535, ...noTable,
  });
});
