// Copies: load, store (runs of bytes) and move (strided elements).
import { OWN, pitch, word } from './block';
import * as f from './fields.generated';

export function run_load(block: usize, scratch: usize): i32 {
  for (let p = 0; p < word(block, f.LOAD_PLANES); p++) {
    const from = pitch(block, f.LOAD_FROM) + <usize>p * pitch(block, f.LOAD_FROM_PLANE_PITCH);
    const to = pitch(block, f.LOAD_TO) + <usize>p * pitch(block, f.LOAD_TO_PLANE_PITCH);
    copyRuns(from, pitch(block, f.LOAD_FROM_ROW_PITCH), to, pitch(block, f.LOAD_TO_ROW_PITCH), word(block, f.LOAD_ROWS), pitch(block, f.LOAD_RUN));
  }
  return 0;
}

export function run_store(block: usize, scratch: usize): i32 {
  for (let p = 0; p < word(block, f.STORE_PLANES); p++) {
    const from = pitch(block, f.STORE_FROM) + <usize>p * pitch(block, f.STORE_FROM_PLANE_PITCH);
    const to = pitch(block, f.STORE_TO) + <usize>p * pitch(block, f.STORE_TO_PLANE_PITCH);
    copyRuns(from, pitch(block, f.STORE_FROM_ROW_PITCH), to, pitch(block, f.STORE_TO_ROW_PITCH), word(block, f.STORE_ROWS), pitch(block, f.STORE_RUN));
  }
  return 0;
}

function copyRuns(from: usize, fromPitch: usize, to: usize, toPitch: usize, rows: i32, run: usize): void {
  for (let y = 0; y < rows; y++, from += fromPitch, to += toPitch) copyRun(from, to, run);
}

/** memory.copy costs a call; short runs are copied here. */
function copyRun(from: usize, to: usize, run: usize): void {
  if (run > 256) return memory.copy(to, from, run);
  for (; run >= 16; run -= 16, from += 16, to += 16) v128.store(to, v128.load(from));
  for (; run >= 4; run -= 4, from += 4, to += 4) store<u32>(to, load<u32>(from));
  for (; run > 0; run--, from++, to++) store<u8>(to, load<u8>(from));
}

// The nest after merging: dims outermost first, each (count, from stride, to stride), 12 bytes.
const DIM: usize = 12;

export function run_move(block: usize, scratch: usize): i32 {
  const nest = scratch + OWN - 128;
  let element = word(block, f.MOVE_ELEMENT_BYTES);
  let depth: i32 = 0;
  for (let d = 0; d < 6; d++) {
    const count = word(block, f.MOVE_DIM0 + 3 * d);
    if (count == 1) continue;
    const fromStride = word(block, f.MOVE_DIM0 + 3 * d + 1);
    const toStride = word(block, f.MOVE_DIM0 + 3 * d + 2);
    const above = nest + <usize>(depth - 1) * DIM;
    // A dim that continues where the one inside of it ends is one dim with it.
    if (depth > 0 && <i64>load<i32>(above, 4) == <i64>fromStride * count && <i64>load<i32>(above, 8) == <i64>toStride * count) {
      store<i32>(above, load<i32>(above) * count);
      store<i32>(above, fromStride, 4);
      store<i32>(above, toStride, 8);
      continue;
    }
    const here = nest + <usize>depth * DIM;
    store<i32>(here, count);
    store<i32>(here, fromStride, 4);
    store<i32>(here, toStride, 8);
    depth++;
  }
  const inner = nest + <usize>(depth - 1) * DIM;
  let run = element;
  if (depth > 0 && load<i32>(inner, 4) == element && load<i32>(inner, 8) == element) {
    run = element * load<i32>(inner);
    depth--;
  }
  moveDim(nest, depth, pitch(block, f.MOVE_FROM), pitch(block, f.MOVE_TO), run);
  return 0;
}

function moveDim(dim: usize, depth: i32, from: usize, to: usize, run: i32): void {
  if (depth == 0) return copyRun(from, to, run);
  const count = load<i32>(dim);
  const fromStride = load<i32>(dim, 4);
  const toStride = load<i32>(dim, 8);
  if (depth == 1) return moveRow(count, from, fromStride, to, toStride, run);
  for (let i = 0; i < count; i++, from += fromStride, to += toStride) moveDim(dim + DIM, depth - 1, from, to, run);
}

function moveRow(count: i32, from: usize, fromStride: i32, to: usize, toStride: i32, run: i32): void {
  if (run == 1) for (; count > 0; count--, from += fromStride, to += toStride) store<u8>(to, load<u8>(from));
  else if (run == 2) for (; count > 0; count--, from += fromStride, to += toStride) store<u16>(to, load<u16>(from));
  else if (run == 4) for (; count > 0; count--, from += fromStride, to += toStride) store<u32>(to, load<u32>(from));
  else for (; count > 0; count--, from += fromStride, to += toStride) copyRun(from, to, run);
}
