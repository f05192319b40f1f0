// The network's edges, in f32: quantize and dequantize (spec §5).
import { CHUNK, ROW_A, ROW_B, ROW_SUM, pitch, real, word } from './block';
import { storeSome } from './epilogue';
import * as f from './fields.generated';

export function run_quantize(block: usize, scratch: usize): i32 {
  const inBytes = word(block, f.QUANTIZE_IN_BYTES);
  const outBytes = word(block, f.QUANTIZE_OUT_BYTES);
  const rows = word(block, f.QUANTIZE_ROWS);
  const cols = word(block, f.QUANTIZE_COLS);
  const channels = word(block, f.QUANTIZE_CHANNELS);
  const params = pitch(block, f.QUANTIZE_CHANNEL_PARAMS);
  const colStep = channels >= CHUNK ? 1 : min(cols, CHUNK / channels);
  const channelStep = min(channels, CHUNK);
  const inPitch = pitch(block, f.QUANTIZE_IN_COL_PITCH);
  const outPitch = pitch(block, f.QUANTIZE_OUT_COL_PITCH);
  const row = scratch + ROW_A;
  for (let c = 0; c < channels; c += channelStep) {
    const depth = min(channelStep, channels - c);
    if (params != 0) spreadParams(scratch, params + (<usize>c << 3), colStep, depth);
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < cols; x += colStep) {
        const width = min(colStep, cols - x);
        const from = pitch(block, f.QUANTIZE_IN) + <usize>y * pitch(block, f.QUANTIZE_IN_ROW_PITCH) + <usize>x * inPitch + <usize>(c * inBytes);
        for (let i = 0; i < width; i++) floatRun(row + (<usize>(i * depth) << 2), from + <usize>i * inPitch, depth, inBytes);
        if (params != 0) normalise(row, scratch, width * depth);
        const out = pitch(block, f.QUANTIZE_OUT) + <usize>y * pitch(block, f.QUANTIZE_OUT_ROW_PITCH) + <usize>x * outPitch + <usize>(c * outBytes);
        if (outPitch == <usize>(depth * outBytes)) quantizeRun(block, row, width * depth, out, outBytes);
        else for (let i = 0; i < width; i++) quantizeRun(block, row + (<usize>(i * depth) << 2), depth, out + <usize>i * outPitch, outBytes);
      }
    }
  }
  return 0;
}

/** mean and std of each element of a chunk, in two rows, so that the loop over elements needs no channel. */
function spreadParams(scratch: usize, params: usize, cols: i32, channels: i32): void {
  let mean = scratch + ROW_B;
  let std = scratch + ROW_SUM;
  for (let x = 0; x < cols; x++) {
    for (let c: usize = 0; c < <usize>channels; c++, mean += 4, std += 4) {
      store<f32>(mean, load<f32>(params + (c << 3)));
      store<f32>(std, load<f32>(params + (c << 3), 4));
    }
  }
}

function floatRun(to: usize, from: usize, count: i32, bytes: i32): void {
  if (bytes == 4) return memory.copy(to, from, <usize>count << 2);
  for (; count > 0; count--, from++, to += 4) store<f32>(to, <f32>load<u8>(from));
}

function normalise(row: usize, scratch: usize, count: i32): void {
  const end = row + (<usize>count << 2);
  let mean = scratch + ROW_B;
  let std = scratch + ROW_SUM;
  for (; row < end; row += 16, mean += 16, std += 16) v128.store(row, f32x4.div(f32x4.sub(v128.load(row), v128.load(mean)), v128.load(std)));
}

function quantizeRun(block: usize, row: usize, count: i32, out: usize, bytes: i32): void {
  const scale = f32x4.splat(real(block, f.QUANTIZE_SCALE));
  const zero = word(block, f.QUANTIZE_ZERO);
  const zeros = i32x4.splat(zero);
  // Clamped before the zero is added: all of it is exact in f32, and what is left fits.
  const low = f32x4.splat(<f32>-zero);
  const high = f32x4.splat(<f32>(word(block, f.QUANTIZE_HI) - zero));
  for (; count > 0; count -= 8, row += 32, out += <usize>bytes << 3) {
    const a = f32x4.max(f32x4.min(f32x4.nearest(f32x4.div(v128.load(row), scale)), high), low);
    const b = f32x4.max(f32x4.min(f32x4.nearest(f32x4.div(v128.load(row, 16), scale)), high), low);
    const q = i16x8.narrow_i32x4_u(i32x4.add(i32x4.trunc_sat_f32x4_s(a), zeros), i32x4.add(i32x4.trunc_sat_f32x4_s(b), zeros));
    if (count < 8) storeSome(q, count, out, bytes);
    else if (bytes == 1) v128.store_lane<u64>(out, i8x16.narrow_i16x8_u(q, q), 0);
    else v128.store(out, q);
  }
}

export function run_dequantize(block: usize, scratch: usize): i32 {
  const inBytes = word(block, f.DEQUANTIZE_IN_BYTES);
  const rows = word(block, f.DEQUANTIZE_ROWS);
  let cols = word(block, f.DEQUANTIZE_COLS);
  let channels = word(block, f.DEQUANTIZE_CHANNELS);
  if (pitch(block, f.DEQUANTIZE_IN_COL_PITCH) == <usize>(channels * inBytes) && pitch(block, f.DEQUANTIZE_OUT_COL_PITCH) == <usize>(channels * 4)) {
    channels *= cols;
    cols = 1;
  }
  const zero = word(block, f.DEQUANTIZE_ZERO);
  const scale = real(block, f.DEQUANTIZE_SCALE);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < cols; x++) {
      const from = pitch(block, f.DEQUANTIZE_IN) + <usize>y * pitch(block, f.DEQUANTIZE_IN_ROW_PITCH) + <usize>x * pitch(block, f.DEQUANTIZE_IN_COL_PITCH);
      const out = pitch(block, f.DEQUANTIZE_OUT) + <usize>y * pitch(block, f.DEQUANTIZE_OUT_ROW_PITCH) + <usize>x * pitch(block, f.DEQUANTIZE_OUT_COL_PITCH);
      if (inBytes == 1) for (let c = 0; c < channels; c++) store<f32>(out + (<usize>c << 2), <f32>(<i32>load<u8>(from + c) - zero) * scale);
      else for (let c = 0; c < channels; c++) store<f32>(out + (<usize>c << 2), <f32>(<i32>load<u16>(from + (<usize>c << 1)) - zero) * scale);
    }
  }
  return 0;
}
