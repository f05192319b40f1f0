// matmul. Codes of 8 bits: b is packed once into panels of eight columns by pairs of rows, a into pairs, and products are summed in s32, four
// rows at a time. Other codes, and sums that s32 could not hold, go one by one in s64.
import { CHUNK, FACTOR, OWN, ROW_A, ROW_SUM, pitch, word } from './block';
import { beginEpilogue, finishRun, highBound, lowBound } from './epilogue';
import * as f from './fields.generated';
import { makeFactor, rescale48, rescaleEach, rescaleRun } from './rescale';
import { codeAt } from './rows';

/** 255 * 255 * depth stays below 2^31. */
const NARROW_DEPTH: i32 = 33000;
const S32_MAX: i64 = 0x7fffffff;
const S48_MAX: i64 = 0x7fffffffffff;

function isNarrow(block: usize): bool {
  return word(block, f.MATMUL_A_BYTES) == 1 && word(block, f.MATMUL_B_BYTES) == 1 && word(block, f.MATMUL_DEPTH) <= NARROW_DEPTH;
}

/** Sums of four rows by eight columns. */
const SUMS: usize = 4 * 32;

export function scratch_matmul(block: usize): usize {
  if (!isNarrow(block)) return OWN;
  const pairs: u64 = (word(block, f.MATMUL_DEPTH) + 1) >> 1;
  const groups: u64 = (word(block, f.MATMUL_COLS) + 7) >> 3;
  return <usize>min<u64>(OWN + SUMS + groups * pairs * 32 + <u64>word(block, f.MATMUL_ROWS) * pairs * 4 + 256, u32.MAX_VALUE);
}

export function run_matmul(block: usize, scratch: usize): i32 {
  beginEpilogue(block, f.MATMUL_ZERO, scratch);
  return isNarrow(block) ? narrow(block, scratch) : wide(block, scratch);
}

function narrow(block: usize, scratch: usize): i32 {
  const rows = word(block, f.MATMUL_ROWS);
  const cols = word(block, f.MATMUL_COLS);
  const depth = word(block, f.MATMUL_DEPTH);
  const outBytes = word(block, f.MATMUL_OUT_BYTES);
  const out = pitch(block, f.MATMUL_OUT);
  const outPitch = pitch(block, f.MATMUL_OUT_ROW_PITCH);
  const pairs = (depth + 1) >> 1;
  const factor = scratch + FACTOR;
  const lanes = makeFactor(factor, block + (f.MATMUL_MULTIPLIER << 2), 0, lowBound(), highBound());
  const sums = scratch + OWN;
  const panels = sums + SUMS;
  const panelBytes = <usize>pairs << 5;
  const left = panels + <usize>((cols + 7) >> 3) * panelBytes;
  packRight(panels, pitch(block, f.MATMUL_B), pitch(block, f.MATMUL_B_ROW_PITCH), depth, cols, word(block, f.MATMUL_B_ZERO));
  packLeft(left, pitch(block, f.MATMUL_A), pitch(block, f.MATMUL_A_ROW_PITCH), rows, depth, word(block, f.MATMUL_A_ZERO));
  const row = <usize>pairs << 2;
  for (let c = 0; c < cols; c += 8) {
    const panel = panels + <usize>(c >> 3) * panelBytes;
    const valid = min(8, cols - c);
    for (let y = 0; y < rows; y += 4) {
      const held = min(4, rows - y);
      // Rows beyond the last are the last once more.
      const from = left + <usize>y * row;
      sumTile(sums, panel, pairs, from, from + <usize>min(1, held - 1) * row, from + <usize>min(2, held - 1) * row, from + <usize>min(3, held - 1) * row);
      for (let i = 0; i < held; i++) {
        const eight = sums + (<usize>i << 5);
        if (lanes) rescaleRun(eight, 8, factor);
        else rescaleEach(eight, 8, word(block, f.MATMUL_MULTIPLIER), word(block, f.MATMUL_SHIFT));
        finishRun(eight, valid, out + <usize>(y + i) * outPitch + <usize>(c * outBytes), outBytes);
      }
    }
  }
  return 0;
}

/** [cols / 8][pairs][8][2] of s16, zeros where there is nothing. */
function packRight(to: usize, from: usize, rowPitch: usize, depth: i32, cols: i32, zero: i32): void {
  for (let c = 0; c < cols; c += 8) {
    const valid = min(8, cols - c);
    for (let k = 0; k < depth; k += 2, to += 32) {
      const upper = from + <usize>k * rowPitch + c;
      const lower = upper + rowPitch;
      for (let i = 0; i < 8; i++) {
        store<i16>(to + (<usize>i << 2), i < valid ? <i16>(<i32>load<u8>(upper + i) - zero) : 0);
        store<i16>(to + (<usize>i << 2), i < valid && k + 1 < depth ? <i16>(<i32>load<u8>(lower + i) - zero) : 0, 2);
      }
    }
  }
}

/** [rows][pairs][2] of s16. */
function packLeft(to: usize, from: usize, rowPitch: usize, rows: i32, depth: i32, zero: i32): void {
  for (let y = 0; y < rows; y++, from += rowPitch) {
    for (let k = 0; k < depth; k += 2, to += 4) {
      store<i16>(to, <i16>(<i32>load<u8>(from + k) - zero));
      store<i16>(to, k + 1 < depth ? <i16>(<i32>load<u8>(from + k + 1) - zero) : 0, 2);
    }
  }
}

function sumTile(sums: usize, panel: usize, pairs: i32, a: usize, b: usize, c: usize, d: usize): void {
  let a0 = i32x4.splat(0), a1 = i32x4.splat(0), b0 = i32x4.splat(0), b1 = i32x4.splat(0);
  let c0 = i32x4.splat(0), c1 = i32x4.splat(0), d0 = i32x4.splat(0), d1 = i32x4.splat(0);
  const end = panel + (<usize>pairs << 5);
  for (; panel < end; panel += 32, a += 4, b += 4, c += 4, d += 4) {
    const low = v128.load(panel);
    const high = v128.load(panel, 16);
    const x = v128.load_splat<u32>(a);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(low, x));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(high, x));
    const y = v128.load_splat<u32>(b);
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(low, y));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(high, y));
    const z = v128.load_splat<u32>(c);
    c0 = i32x4.add(c0, i32x4.dot_i16x8_s(low, z));
    c1 = i32x4.add(c1, i32x4.dot_i16x8_s(high, z));
    const w = v128.load_splat<u32>(d);
    d0 = i32x4.add(d0, i32x4.dot_i16x8_s(low, w));
    d1 = i32x4.add(d1, i32x4.dot_i16x8_s(high, w));
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, b0, 32);
  v128.store(sums, b1, 48);
  v128.store(sums, c0, 64);
  v128.store(sums, c1, 80);
  v128.store(sums, d0, 96);
  v128.store(sums, d1, 112);
}

function wide(block: usize, scratch: usize): i32 {
  const rows = word(block, f.MATMUL_ROWS);
  const cols = word(block, f.MATMUL_COLS);
  const depth = word(block, f.MATMUL_DEPTH);
  const aBytes = word(block, f.MATMUL_A_BYTES);
  const bBytes = word(block, f.MATMUL_B_BYTES);
  const outBytes = word(block, f.MATMUL_OUT_BYTES);
  const aZero: i64 = word(block, f.MATMUL_A_ZERO);
  const bZero: i64 = word(block, f.MATMUL_B_ZERO);
  const m: i64 = word(block, f.MATMUL_MULTIPLIER);
  const s: i64 = word(block, f.MATMUL_SHIFT);
  const most = aBytes == 1 && bBytes == 1 ? S32_MAX : S48_MAX;
  const bPitch = pitch(block, f.MATMUL_B_ROW_PITCH);
  const sums = scratch + ROW_SUM;
  const row = scratch + ROW_A;
  let saturations = 0;
  for (let c = 0; c < cols; c += CHUNK) {
    const width = min(CHUNK, cols - c);
    for (let y = 0; y < rows; y++) {
      memory.fill(sums, 0, <usize>width << 3);
      const a = pitch(block, f.MATMUL_A) + <usize>y * pitch(block, f.MATMUL_A_ROW_PITCH);
      let b = pitch(block, f.MATMUL_B) + <usize>(c * bBytes);
      for (let k = 0; k < depth; k++, b += bPitch) {
        const x = <i64>codeAt(a + <usize>(k * aBytes), aBytes) - aZero;
        for (let i = 0; i < width; i++) {
          const at = sums + (<usize>i << 3);
          store<i64>(at, load<i64>(at) + x * (<i64>codeAt(b + <usize>(i * bBytes), bBytes) - bZero));
        }
      }
      for (let i = 0; i < width; i++) {
        const sum = load<i64>(sums + (<usize>i << 3));
        const held = max<i64>(min<i64>(sum, most), -most - 1);
        if (held != sum) saturations++;
        store<i32>(row + (<usize>i << 2), <i32>max<i64>(min<i64>(rescale48(held, m, s), highBound()), lowBound()));
      }
      finishRun(row, width, pitch(block, f.MATMUL_OUT) + <usize>y * pitch(block, f.MATMUL_OUT_ROW_PITCH) + <usize>(c * outBytes), outBytes);
    }
  }
  return saturations;
}
