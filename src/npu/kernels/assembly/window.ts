// The input of a convolution as s16, padding included, a block of output positions at a time. A window's values then lie at fixed offsets
// from the place of its position:
//
//   plane    rows of the input as they are, widened; neighbouring windows share them
//   packed   each position's own window, tap after tap, where windows leave gaps (which may lie outside of memory) or rows are very long
//
// U8 codes have their zero subtracted; U16 codes do not fit s16 that way and have 2^15 subtracted, which the bias makes up for.

/** Bytes of a block: half of a usual second-level cache. */
const BUDGET: i64 = 512 * 1024;
const POSITIONS: i32 = 16384;

export let source: usize = 0;
export let rowPitch: usize = 0;
export let colPitch: usize = 0;
export let bytes: i32 = 0;
export let rows: i32 = 0;
export let cols: i32 = 0;
export let channels: i32 = 0;
export let zero: i32 = 0;
export let kernelY: i32 = 0;
export let kernelX: i32 = 0;
export let strideY: i32 = 0;
export let strideX: i32 = 0;
export let dilationY: i32 = 0;
export let dilationX: i32 = 0;
export let padTop: i32 = 0;
export let padLeft: i32 = 0;
export let outRows: i32 = 0;
export let outCols: i32 = 0;

export let packed: bool = false;
/** Elements of one row of the plane. */
export let line: i32 = 0;
/** Bytes of a packed window, whole pairs. */
export let windowBytes: i32 = 0;
export let blockPositions: i32 = 0;
export let blockBytes: usize = 0;

export function setInput(at: usize, rowPitch_: usize, colPitch_: usize, bytes_: i32, rows_: i32, cols_: i32, channels_: i32, zero_: i32): void {
  source = at;
  rowPitch = rowPitch_;
  colPitch = colPitch_;
  bytes = bytes_;
  rows = rows_;
  cols = cols_;
  channels = channels_;
  zero = zero_;
}

/** `at`: the address of seven words, kernel to pads; then decides how a block is held. */
export function setWindow(at: usize, outRows_: i32, outCols_: i32): void {
  kernelY = load<i32>(at);
  kernelX = load<i32>(at, 4);
  outRows = outRows_;
  outCols = outCols_;
  // The step of a single position has no meaning, and no cost.
  strideY = outRows == 1 ? 1 : load<i32>(at, 8);
  strideX = outCols == 1 ? 1 : load<i32>(at, 12);
  dilationY = load<i32>(at, 16);
  dilationX = load<i32>(at, 20);
  padTop = load<i32>(at, 24);
  padLeft = load<i32>(at, 28);
  const high = <i64>(kernelY - 1) * dilationY + 1;
  const wide = <i64>(outCols - 1) * strideX + <i64>(kernelX - 1) * dilationX + 1;
  const lineBytes = wide * channels * 2;
  packed = !isGapless(outRows, kernelY, strideY, dilationY) || !isGapless(outCols, kernelX, strideX, dilationX) || lineBytes > BUDGET || high * lineBytes > BUDGET;
  if (packed) {
    windowBytes = ((kernelY * kernelX * channels + 1) & ~1) * 2;
    blockPositions = <i32>max<i64>(1, min<i64>(min<i64>(POSITIONS, <i64>outRows * outCols), BUDGET / windowBytes));
    blockBytes = <usize>blockPositions * windowBytes;
    return;
  }
  line = <i32>wide;
  const fitting = (BUDGET / lineBytes - high) / strideY + 1;
  const blockRows = <i32>max<i64>(1, min<i64>(min<i64>(outRows, fitting), POSITIONS / outCols));
  blockPositions = blockRows * outCols;
  blockBytes = <usize>(((blockRows - 1) * strideY + <i32>high) * <i32>lineBytes);
}

/** True where the windows leave no position between the first and the last unread. */
function isGapless(out: i32, kernel: i32, stride: i32, dilation: i32): bool {
  if (kernel == 1) return stride == 1;
  return dilation == 1 ? stride <= kernel : stride == 1 && dilation <= out;
}

/** Byte offset of tap (i, j) from a position's place. */
export function tapOffset(i: i32, j: i32): usize {
  const elements = packed ? (i * kernelX + j) * channels : (i * dilationY * line + j * dilationX) * channels;
  return <usize>elements << 1;
}

/** True where the taps of one kernel row follow each other without a gap. */
export function rowsAreWhole(): bool {
  return packed || dilationX == 1 || kernelX == 1;
}

/** Widens what `count` positions from `first` read into `block`, and writes (place, output address) of each to `places`. */
export function fillBlock(first: i32, count: i32, block: usize, places: usize, out: usize, outRowPitch: usize, outColPitch: usize): void {
  let y = first / outCols;
  let x = first - y * outCols;
  if (!packed) fillPlane(y * strideY - padTop, (count / outCols - 1) * strideY + (kernelY - 1) * dilationY + 1, block);
  const top = y;
  for (let p = 0; p < count; p++) {
    let place: usize;
    if (packed) {
      place = block + <usize>p * windowBytes;
      fillWindow(y * strideY - padTop, x * strideX - padLeft, place);
    } else {
      place = block + (<usize>(((y - top) * strideY * line + x * strideX) * channels) << 1);
    }
    store<u32>(places, <u32>place);
    store<u32>(places, <u32>(out + <usize>y * outRowPitch + <usize>x * outColPitch), 4);
    places += 8;
    if (++x == outCols) {
      x = 0;
      y++;
    }
  }
}

function fillPlane(top: i32, count: i32, block: usize): void {
  const from = max(0, min(padLeft, line));
  const to = max(from, min(cols + padLeft, line));
  for (let y = top; y < top + count; y++, block += <usize>(line * channels) << 1) {
    if (y < 0 || y >= rows) {
      fillPad(block, line * channels);
      continue;
    }
    const row = source + <usize>y * rowPitch;
    fillPad(block, from * channels);
    let at = block + (<usize>(from * channels) << 1);
    if (colPitch == <usize>(channels * bytes)) {
      widen(at, row + <usize>(from - padLeft) * colPitch, (to - from) * channels);
    } else {
      for (let x = from; x < to; x++, at += <usize>channels << 1) widen(at, row + <usize>(x - padLeft) * colPitch, channels);
    }
    fillPad(block + (<usize>(to * channels) << 1), (line - to) * channels);
  }
}

function fillWindow(top: i32, left: i32, place: usize): void {
  for (let i = 0, y = top; i < kernelY; i++, y += dilationY) {
    for (let j = 0, x = left; j < kernelX; j++, x += dilationX, place += <usize>channels << 1) {
      if (y < 0 || y >= rows || x < 0 || x >= cols) fillPad(place, channels);
      else widen(place, source + <usize>y * rowPitch + <usize>x * colPitch, channels);
    }
  }
}

/** `count` codes as s16. Writes up to 7 elements more: the next call covers them, or the slack behind the block. */
function widen(to: usize, from: usize, count: i32): void {
  const end = to + (<usize>count << 1);
  if (bytes == 1) {
    const zeros = i16x8.splat(<i16>zero);
    for (; to < end; to += 16, from += 8) v128.store(to, i16x8.sub(v128.load_ext<u8>(from), zeros));
  } else {
    const half = i16x8.splat(-32768);
    for (; to < end; to += 16, from += 16) v128.store(to, v128.xor(v128.load(from), half));
  }
}

function fillPad(to: usize, count: i32): void {
  const pad = i16x8.splat(bytes == 1 ? 0 : <i16>(zero - 32768));
  const end = to + (<usize>count << 1);
  for (; to < end; to += 16) v128.store(to, pad);
}
