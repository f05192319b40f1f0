// max_pool, avg_pool, mean: sums over channels-last windows.
import { CHUNK, FACTOR, ROW_A, ROW_SUM, pitch, word } from './block';
import { beginEpilogue, finishRun, highBound, lowBound, storeSome } from './epilogue';
import * as f from './fields.generated';
import { makeFactor, rescale48, rescaleRun } from './rescale';
import { addRun } from './rows';

/** Codes of 16 bits that a row of s32 takes before it must be emptied. */
const PARTIAL: i32 = 16384;
const S32_MAX: i64 = 0x7fffffff;
const S48_MAX: i64 = 0x7fffffffffff;

/** First of the positions start, start + step … that is not negative, as a count of steps. */
// @ts-ignore: decorator
@inline
function firstInside(start: i32, step: i32): i32 {
  return start >= 0 ? 0 : (step - 1 - start) / step;
}

/** How many of `count` positions start + i * step lie below `size`. */
// @ts-ignore: decorator
@inline
function endInside(start: i32, step: i32, count: i32, size: i32): i32 {
  return start >= size ? 0 : min(count, (size - 1 - start) / step + 1);
}

export function run_max_pool(block: usize, scratch: usize): i32 {
  const at = pitch(block, f.MAX_POOL_IN);
  const rowPitch = pitch(block, f.MAX_POOL_IN_ROW_PITCH);
  const colPitch = pitch(block, f.MAX_POOL_IN_COL_PITCH);
  const bytes = word(block, f.MAX_POOL_IN_BYTES);
  const channels = word(block, f.MAX_POOL_CHANNELS);
  const stepY = word(block, f.MAX_POOL_DILATION_Y);
  const stepX = word(block, f.MAX_POOL_DILATION_X);
  const outRows = word(block, f.MAX_POOL_OUT_ROWS);
  const outCols = word(block, f.MAX_POOL_OUT_COLS);
  for (let y = 0; y < outRows; y++) {
    const top = y * word(block, f.MAX_POOL_STRIDE_Y) - word(block, f.MAX_POOL_PAD_TOP);
    const i0 = firstInside(top, stepY);
    const i1 = endInside(top, stepY, word(block, f.MAX_POOL_KERNEL_Y), word(block, f.MAX_POOL_IN_ROWS));
    for (let x = 0; x < outCols; x++) {
      const left = x * word(block, f.MAX_POOL_STRIDE_X) - word(block, f.MAX_POOL_PAD_LEFT);
      const j0 = firstInside(left, stepX);
      const j1 = endInside(left, stepX, word(block, f.MAX_POOL_KERNEL_X), word(block, f.MAX_POOL_IN_COLS));
      const from = at + <usize>(top + i0 * stepY) * rowPitch + <usize>(left + j0 * stepX) * colPitch;
      const out = pitch(block, f.MAX_POOL_OUT) + <usize>y * pitch(block, f.MAX_POOL_OUT_ROW_PITCH) + <usize>x * pitch(block, f.MAX_POOL_OUT_COL_PITCH);
      maxWindow(from, <usize>stepY * rowPitch, <usize>stepX * colPitch, i1 - i0, j1 - j0, out, channels * bytes, bytes);
    }
  }
  return 0;
}

function maxWindow(from: usize, rowPitch: usize, colPitch: usize, rows: i32, cols: i32, out: usize, run: i32, bytes: i32): void {
  for (let c = 0; c < run; c += 16) {
    let best = i32x4.splat(0);
    for (let i = 0; i < rows; i++) {
      let at = from + <usize>i * rowPitch + c;
      for (let j = 0; j < cols; j++, at += colPitch) best = bytes == 1 ? i8x16.max_u(best, v128.load(at)) : i16x8.max_u(best, v128.load(at));
    }
    if (run - c >= 16) v128.store(out + c, best);
    else storeBytes(best, run - c, out + c);
  }
}

function storeBytes(v: v128, count: i32, out: usize): void {
  let rest = i64x2.extract_lane(v, 0);
  for (let i = 0; i < count; i++, rest >>>= 8) {
    if (i == 8) rest = i64x2.extract_lane(v, 1);
    store<u8>(out + i, <u8>rest);
  }
}

export function run_avg_pool(block: usize, scratch: usize): i32 {
  const at = pitch(block, f.AVG_POOL_IN);
  const rowPitch = pitch(block, f.AVG_POOL_IN_ROW_PITCH);
  const colPitch = pitch(block, f.AVG_POOL_IN_COL_PITCH);
  const bytes = word(block, f.AVG_POOL_IN_BYTES);
  const outBytes = word(block, f.AVG_POOL_OUT_BYTES);
  const channels = word(block, f.AVG_POOL_CHANNELS);
  const zero = word(block, f.AVG_POOL_IN_ZERO);
  const outRows = word(block, f.AVG_POOL_OUT_ROWS);
  const outCols = word(block, f.AVG_POOL_OUT_COLS);
  beginEpilogue(block, f.AVG_POOL_ZERO, scratch);
  const factor = scratch + FACTOR;
  const lanes = makeFactor(factor, block + (f.AVG_POOL_MULTIPLIER << 2), 0, lowBound(), highBound());
  const row = scratch + ROW_A;
  let saturations = 0;
  for (let y = 0; y < outRows; y++) {
    const top = y * word(block, f.AVG_POOL_STRIDE_Y) - word(block, f.AVG_POOL_PAD_TOP);
    const i0 = max(0, top);
    const rows = max(0, min(top + word(block, f.AVG_POOL_KERNEL_Y), word(block, f.AVG_POOL_IN_ROWS)) - i0);
    for (let x = 0; x < outCols; x++) {
      const left = x * word(block, f.AVG_POOL_STRIDE_X) - word(block, f.AVG_POOL_PAD_LEFT);
      const j0 = max(0, left);
      const cols = max(0, min(left + word(block, f.AVG_POOL_KERNEL_X), word(block, f.AVG_POOL_IN_COLS)) - j0);
      const out = pitch(block, f.AVG_POOL_OUT) + <usize>y * pitch(block, f.AVG_POOL_OUT_ROW_PITCH) + <usize>x * pitch(block, f.AVG_POOL_OUT_COL_PITCH);
      for (let c = 0; c < channels; c += CHUNK) {
        const depth = min(CHUNK, channels - c);
        const from = at + <usize>i0 * rowPitch + <usize>j0 * colPitch + <usize>(c * bytes);
        if (lanes && <i64>rows * cols <= PARTIAL) {
          memory.fill(row, 0, (<usize>depth << 2) + 32);
          addPlane(row, from, rowPitch, colPitch, rows, cols, depth, bytes, zero);
          rescaleRun(row, depth, factor);
        } else {
          const sums = scratch + ROW_SUM;
          memory.fill(sums, 0, <usize>depth << 3);
          addPlaneWide(sums, row, from, rowPitch, colPitch, rows, cols, depth, bytes, zero);
          saturations += rescaleSums(row, sums, depth, bytes, word(block, f.AVG_POOL_MULTIPLIER), word(block, f.AVG_POOL_SHIFT));
        }
        finishRun(row, depth, out + <usize>(c * outBytes), outBytes);
      }
    }
  }
  return saturations;
}

export function run_mean(block: usize, scratch: usize): i32 {
  const bytes = word(block, f.MEAN_IN_BYTES);
  const outBytes = word(block, f.MEAN_OUT_BYTES);
  const channels = word(block, f.MEAN_CHANNELS);
  const last = word(block, f.MEAN_LAST) == 1;
  const row = scratch + ROW_A;
  if (word(block, f.MEAN_FIRST) == 1) memory.fill(pitch(block, f.MEAN_SUMS), 0, <usize>channels << 3);
  if (last) beginEpilogue(block, f.MEAN_ZERO, scratch);
  let saturations = 0;
  for (let c = 0; c < channels; c += CHUNK) {
    const depth = min(CHUNK, channels - c);
    const sums = pitch(block, f.MEAN_SUMS) + (<usize>c << 3);
    const from = pitch(block, f.MEAN_IN) + <usize>(c * bytes);
    addPlaneWide(sums, row, from, pitch(block, f.MEAN_IN_ROW_PITCH), pitch(block, f.MEAN_IN_COL_PITCH), word(block, f.MEAN_ROWS), word(block, f.MEAN_COLS), depth, bytes, word(block, f.MEAN_IN_ZERO));
    if (!last) continue;
    saturations += rescaleSums(row, sums, depth, bytes, word(block, f.MEAN_MULTIPLIER), word(block, f.MEAN_SHIFT));
    finishRun(row, depth, pitch(block, f.MEAN_OUT) + <usize>(c * outBytes), outBytes);
  }
  return saturations;
}

function addPlane(sums: usize, from: usize, rowPitch: usize, colPitch: usize, rows: i32, cols: i32, channels: i32, bytes: i32, zero: i32): void {
  for (let y = 0; y < rows; y++) {
    let at = from + <usize>y * rowPitch;
    for (let x = 0; x < cols; x++, at += colPitch) addRun(sums, at, channels, bytes, zero);
  }
}

/** Adds a plane to sums of s64, by way of partial sums of s32 in `row`. */
function addPlaneWide(sums: usize, row: usize, from: usize, rowPitch: usize, colPitch: usize, rows: i32, cols: i32, channels: i32, bytes: i32, zero: i32): void {
  memory.fill(row, 0, (<usize>channels << 2) + 32);
  let taken = 0;
  for (let y = 0; y < rows; y++) {
    let at = from + <usize>y * rowPitch;
    for (let x = 0; x < cols; x++, at += colPitch) {
      addRun(row, at, channels, bytes, zero);
      if (++taken < PARTIAL) continue;
      spill(sums, row, channels);
      taken = 0;
    }
  }
  spill(sums, row, channels);
}

function spill(sums: usize, row: usize, count: i32): void {
  for (; count > 0; count--, sums += 8, row += 4) {
    store<i64>(sums, load<i64>(sums) + load<i32>(row));
    store<i32>(row, 0);
  }
}

/** Sums of s64, saturated to their width (S32 for U8, S48 for U16), rescaled into `row` within what the epilogue keeps. */
function rescaleSums(row: usize, sums: usize, count: i32, bytes: i32, m: i64, s: i64): i32 {
  const most = bytes == 1 ? S32_MAX : S48_MAX;
  let saturations = 0;
  for (; count > 0; count--, sums += 8, row += 4) {
    const sum = load<i64>(sums);
    const held = max<i64>(min<i64>(sum, most), -most - 1);
    if (held != sum) saturations++;
    store<i32>(row, <i32>max<i64>(min<i64>(rescale48(held, m, s), highBound()), lowBound()));
  }
  return saturations;
}
