// Element by element: add, mul, rescale, lut. Planes are walked in chunks of at most CHUNK elements.
import { CHUNK, FACTOR, ROW_A, ROW_B, ROW_RESULT, pitch, word } from './block';
import { beginEpilogue, finishRun, highBound, lowBound } from './epilogue';
import * as f from './fields.generated';
import { makeFactor, rescale48, rescaleEach, rescaleRun, saturate32 } from './rescale';
import { widenRow } from './rows';

// @ts-ignore: decorator
@inline
function chunkCols(channels: i32): i32 {
  return channels >= CHUNK ? 1 : CHUNK / channels;
}

/** Codes of a chunk of rescaled values, cols x channels of them at `run`. */
function finishRow(run: usize, out: usize, colPitch: usize, cols: i32, channels: i32, bytes: i32): void {
  if (colPitch == <usize>(channels * bytes)) return finishRun(run, cols * channels, out, bytes);
  for (let x = 0; x < cols; x++, run += <usize>channels << 2, out += colPitch) finishRun(run, channels, out, bytes);
}

// An operand of add and mul: address, row pitch, column pitch, bytes, channel step, zero stand in a row from word `at`.
const ROW_PITCH: i32 = 2;
const COL_PITCH: i32 = 3;
const BYTES: i32 = 4;
const STEP: i32 = 5;
const ZERO: i32 = 6;

function widenSide(block: usize, at: i32, to: usize, y: i32, x: i32, c: i32, cols: i32, channels: i32, whole: bool): void {
  const rowPitch = pitch(block, at + ROW_PITCH);
  // A row that all rows share is widened once.
  if (whole && y > 0 && rowPitch == 0) return;
  const colPitch = pitch(block, at + COL_PITCH);
  const bytes = word(block, at + BYTES);
  const step = word(block, at + STEP);
  const from = pitch(block, at) + <usize>y * rowPitch + <usize>x * colPitch + <usize>(c * step * bytes);
  widenRow(to, from, cols, colPitch, channels, step, bytes, word(block, at + ZERO));
}

export function run_add(block: usize, scratch: usize): i32 {
  const aMultiplier = word(block, f.ADD_A_MULTIPLIER);
  const bMultiplier = word(block, f.ADD_B_MULTIPLIER);
  const shift = word(block, f.ADD_SHIFT);
  // |code - zero| < 2^8 and |multiplier| <= 2^21: the sum stays below 2^30, and half of 2^shift below that.
  const small = word(block, f.ADD_A_BYTES) == 1 && word(block, f.ADD_B_BYTES) == 1 && abs(aMultiplier) <= 1 << 21 && abs(bMultiplier) <= 1 << 21 && shift <= 30;
  const outBytes = word(block, f.ADD_OUT_BYTES);
  const rows = word(block, f.ADD_ROWS);
  const cols = word(block, f.ADD_COLS);
  const channels = word(block, f.ADD_CHANNELS);
  beginEpilogue(block, f.ADD_ZERO, scratch);
  const colStep = min(cols, chunkCols(channels));
  const channelStep = min(channels, CHUNK);
  const whole = colStep == cols && channelStep == channels;
  const aRow = scratch + ROW_A;
  const bRow = scratch + ROW_B;
  const result = scratch + ROW_RESULT;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < cols; x += colStep) {
      for (let c = 0; c < channels; c += channelStep) {
        const width = min(colStep, cols - x);
        const depth = min(channelStep, channels - c);
        widenSide(block, f.ADD_A, aRow, y, x, c, width, depth, whole);
        widenSide(block, f.ADD_B, bRow, y, x, c, width, depth, whole);
        if (small) addSmall(result, aRow, bRow, width * depth, aMultiplier, bMultiplier, shift);
        else addWide(result, aRow, bRow, width * depth, aMultiplier, bMultiplier, shift);
        const out = pitch(block, f.ADD_OUT) + <usize>y * pitch(block, f.ADD_OUT_ROW_PITCH) + <usize>x * pitch(block, f.ADD_OUT_COL_PITCH) + <usize>(c * outBytes);
        finishRow(result, out, pitch(block, f.ADD_OUT_COL_PITCH), width, depth, outBytes);
      }
    }
  }
  return 0;
}

function addSmall(result: usize, aRow: usize, bRow: usize, count: i32, aMultiplier: i32, bMultiplier: i32, shift: i32): void {
  const am = i32x4.splat(aMultiplier);
  const bm = i32x4.splat(bMultiplier);
  const half = i32x4.splat(1 << (shift - 1));
  const end = result + (<usize>count << 2);
  for (; result < end; result += 16, aRow += 16, bRow += 16) {
    const sum = i32x4.add(i32x4.mul(v128.load(aRow), am), i32x4.mul(v128.load(bRow), bm));
    v128.store(result, i32x4.shr_s(i32x4.add(sum, half), shift));
  }
}

function addWide(result: usize, aRow: usize, bRow: usize, count: i32, aMultiplier: i64, bMultiplier: i64, shift: i64): void {
  const half: i64 = <i64>1 << (shift - 1);
  const end = result + (<usize>count << 2);
  for (; result < end; result += 4, aRow += 4, bRow += 4) {
    const sum = <i64>load<i32>(aRow) * aMultiplier + <i64>load<i32>(bRow) * bMultiplier;
    store<i32>(result, saturate32((sum + half) >> shift));
  }
}

export function run_mul(block: usize, scratch: usize): i32 {
  const outBytes = word(block, f.MUL_OUT_BYTES);
  const rows = word(block, f.MUL_ROWS);
  const cols = word(block, f.MUL_COLS);
  const channels = word(block, f.MUL_CHANNELS);
  beginEpilogue(block, f.MUL_ZERO, scratch);
  const factor = scratch + FACTOR;
  // U16 x U16 leaves s32.
  const lanes = word(block, f.MUL_A_BYTES) + word(block, f.MUL_B_BYTES) < 4 && makeFactor(factor, block + (f.MUL_MULTIPLIER << 2), 0, lowBound(), highBound());
  const colStep = min(cols, chunkCols(channels));
  const channelStep = min(channels, CHUNK);
  const whole = colStep == cols && channelStep == channels;
  const aRow = scratch + ROW_A;
  const bRow = scratch + ROW_B;
  const result = scratch + ROW_RESULT;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < cols; x += colStep) {
      for (let c = 0; c < channels; c += channelStep) {
        const width = min(colStep, cols - x);
        const depth = min(channelStep, channels - c);
        widenSide(block, f.MUL_A, aRow, y, x, c, width, depth, whole);
        widenSide(block, f.MUL_B, bRow, y, x, c, width, depth, whole);
        if (lanes) mulLanes(result, aRow, bRow, width * depth, factor);
        else mulWide(result, aRow, bRow, width * depth, word(block, f.MUL_MULTIPLIER), word(block, f.MUL_SHIFT));
        const out = pitch(block, f.MUL_OUT) + <usize>y * pitch(block, f.MUL_OUT_ROW_PITCH) + <usize>x * pitch(block, f.MUL_OUT_COL_PITCH) + <usize>(c * outBytes);
        finishRow(result, out, pitch(block, f.MUL_OUT_COL_PITCH), width, depth, outBytes);
      }
    }
  }
  return 0;
}

function mulLanes(result: usize, aRow: usize, bRow: usize, count: i32, factor: usize): void {
  const end = result + (<usize>count << 2);
  for (let at = result; at < end; at += 16, aRow += 16, bRow += 16) v128.store(at, i32x4.mul(v128.load(aRow), v128.load(bRow)));
  rescaleRun(result, count, factor);
}

function mulWide(result: usize, aRow: usize, bRow: usize, count: i32, m: i64, s: i64): void {
  const end = result + (<usize>count << 2);
  for (; result < end; result += 4, aRow += 4, bRow += 4) {
    store<i32>(result, saturate32(rescale48(<i64>load<i32>(aRow) * <i64>load<i32>(bRow), m, s)));
  }
}

export function run_rescale(block: usize, scratch: usize): i32 {
  const inBytes = word(block, f.RESCALE_IN_BYTES);
  const outBytes = word(block, f.RESCALE_OUT_BYTES);
  const zero = word(block, f.RESCALE_IN_ZERO);
  const rows = word(block, f.RESCALE_ROWS);
  const cols = word(block, f.RESCALE_COLS);
  const channels = word(block, f.RESCALE_CHANNELS);
  beginEpilogue(block, f.RESCALE_ZERO, scratch);
  const factor = scratch + FACTOR;
  const lanes = makeFactor(factor, block + (f.RESCALE_MULTIPLIER << 2), 0, lowBound(), highBound());
  const colStep = min(cols, chunkCols(channels));
  const channelStep = min(channels, CHUNK);
  const row = scratch + ROW_A;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < cols; x += colStep) {
      for (let c = 0; c < channels; c += channelStep) {
        const width = min(colStep, cols - x);
        const depth = min(channelStep, channels - c);
        const from = pitch(block, f.RESCALE_IN) + <usize>y * pitch(block, f.RESCALE_IN_ROW_PITCH) + <usize>x * pitch(block, f.RESCALE_IN_COL_PITCH) + <usize>(c * inBytes);
        widenRow(row, from, width, pitch(block, f.RESCALE_IN_COL_PITCH), depth, 1, inBytes, zero);
        if (lanes) rescaleRun(row, width * depth, factor);
        else rescaleEach(row, width * depth, word(block, f.RESCALE_MULTIPLIER), word(block, f.RESCALE_SHIFT));
        const out = pitch(block, f.RESCALE_OUT) + <usize>y * pitch(block, f.RESCALE_OUT_ROW_PITCH) + <usize>x * pitch(block, f.RESCALE_OUT_COL_PITCH) + <usize>(c * outBytes);
        finishRow(row, out, pitch(block, f.RESCALE_OUT_COL_PITCH), width, depth, outBytes);
      }
    }
  }
  return 0;
}

export function run_lut(block: usize, scratch: usize): i32 {
  const table = pitch(block, f.LUT_LUT);
  const bytes = word(block, f.LUT_OUT_BYTES);
  const rows = word(block, f.LUT_ROWS);
  let cols = word(block, f.LUT_COLS);
  let channels = word(block, f.LUT_CHANNELS);
  const inPitch = pitch(block, f.LUT_IN_COL_PITCH);
  const outPitch = pitch(block, f.LUT_OUT_COL_PITCH);
  if (inPitch == <usize>channels && outPitch == <usize>(channels * bytes)) {
    channels *= cols;
    cols = 1;
  }
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < cols; x++) {
      const from = pitch(block, f.LUT_IN) + <usize>y * pitch(block, f.LUT_IN_ROW_PITCH) + <usize>x * inPitch;
      const out = pitch(block, f.LUT_OUT) + <usize>y * pitch(block, f.LUT_OUT_ROW_PITCH) + <usize>x * outPitch;
      if (bytes == 1) lookUpBytes(from, out, channels, table);
      else for (let c = 0; c < channels; c++) store<u16>(out + (<usize>c << 1), load<u16>(table + (<usize>load<u8>(from + c) << 1)));
    }
  }
  return 0;
}

function lookUpBytes(from: usize, out: usize, count: i32, table: usize): void {
  for (; count >= 4; count -= 4, from += 4, out += 4) {
    const codes = load<u32>(from);
    const low = <u32>load<u8>(table + (codes & 255)) | (<u32>load<u8>(table + ((codes >> 8) & 255)) << 8);
    const high = <u32>load<u8>(table + ((codes >> 16) & 255)) | (<u32>load<u8>(table + (codes >> 24)) << 8);
    store<u32>(out, low | (high << 16));
  }
  for (; count > 0; count--, from++, out++) store<u8>(out, load<u8>(table + load<u8>(from)));
}
