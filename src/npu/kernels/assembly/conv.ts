// conv and dwconv. Output channels go by eights; each eight takes one of two ways, chosen from its bias and the largest sum it could reach:
//
//   fast   the sum, bias included, fits s32: products, then lanes of rescale and epilogue
//   wide   sums of s32 are spilled into s64 before they could overflow (S16 weights as two halves of 8 bits), then rescaled one by one
//   float  as wide, but written as FP32 (spec §8), without rescale and epilogue
//
// All are exact; saturation to the accumulator's width can only happen on the wide way.
import { OWN, pitch, word } from './block';
import { beginEpilogue, finishEights, highBound, lowBound } from './epilogue';
import * as f from './fields.generated';
import { packDense, packDepthwise, sumDense, sumDepthwise, LOW, HIGH, WHOLE } from './pack';
import { dense, depthwise } from './products';
import { FACTOR_BYTES, makeFactor, rescale48 } from './rescale';
import * as w from './window';

/** Positions whose accumulators are held at one time. */
const TILE: i32 = 128;
const S32_LIMIT: i64 = 0x7fffffff;
const S48_LIMIT: i64 = 0x7fffffffffff;

// An eight: whether it is fast, bias as s32, two factors, bias as s64, (multiplier, shift) pairs.
const BIAS: usize = 16;
const FACTORS: usize = BIAS + 32;
const BIAS64: usize = FACTORS + 2 * FACTOR_BYTES;
const PAIRS: usize = BIAS64 + 64;
const EIGHT: usize = PAIRS + 64;

let isDense: bool = false;
let outChannels: i32 = 0;
let weights: usize = 0;
let weightBytes: i32 = 0;
let channelParams: usize = 0;
/** What is written is FP32. */
let isFloat: bool = false;

// Weights of a channel: `segments` of `segment` consecutive values each, and all in all.
let segment: i32 = 0;
let segments: i32 = 0;
let terms: i64 = 0;
/** Pairs that may be summed in s32 when weights have 8 bits. */
let limit: i32 = 0;
let pairs: i32 = 0;
let stepCount: i32 = 0;

// Scratch, as offsets; zeros are 32 bytes of 0.
let eightsAt: usize = 0;
let panelsAt: usize = 0;
let stepsAt: usize = 0;
let placesAt: usize = 0;
let accAt: usize = 0;
let wideAt: usize = 0;
let zerosAt: usize = 0;
let blockAt: usize = 0;

function planConv(block: usize): usize {
  isDense = true;
  outChannels = word(block, f.CONV_OUT_CHANNELS);
  weights = pitch(block, f.CONV_WEIGHTS);
  weightBytes = word(block, f.CONV_WEIGHT_BYTES);
  channelParams = pitch(block, f.CONV_CHANNEL_PARAMS);
  w.setInput(pitch(block, f.CONV_IN), pitch(block, f.CONV_IN_ROW_PITCH), pitch(block, f.CONV_IN_COL_PITCH), word(block, f.CONV_IN_BYTES),
    word(block, f.CONV_IN_ROWS), word(block, f.CONV_IN_COLS), word(block, f.CONV_IN_CHANNELS), word(block, f.CONV_IN_ZERO));
  w.setWindow(block + (f.CONV_KERNEL_Y << 2), word(block, f.CONV_OUT_ROWS), word(block, f.CONV_OUT_COLS));
  return plan();
}

function planDepthwise(block: usize): usize {
  isDense = false;
  outChannels = word(block, f.DWCONV_CHANNELS);
  weights = pitch(block, f.DWCONV_WEIGHTS);
  weightBytes = word(block, f.DWCONV_WEIGHT_BYTES);
  channelParams = pitch(block, f.DWCONV_CHANNEL_PARAMS);
  w.setInput(pitch(block, f.DWCONV_IN), pitch(block, f.DWCONV_IN_ROW_PITCH), pitch(block, f.DWCONV_IN_COL_PITCH), word(block, f.DWCONV_IN_BYTES),
    word(block, f.DWCONV_IN_ROWS), word(block, f.DWCONV_IN_COLS), outChannels, word(block, f.DWCONV_IN_ZERO));
  w.setWindow(block + (f.DWCONV_KERNEL_Y << 2), word(block, f.DWCONV_OUT_ROWS), word(block, f.DWCONV_OUT_COLS));
  return plan();
}

/** Decides the loop's shape and where everything lies; returns the scratch bytes. */
function plan(): usize {
  const taps = w.kernelY * w.kernelX;
  limit = <i32>(S32_LIMIT / (largestInput() * 256));
  if (isDense) {
    segment = w.packed ? taps * w.channels : w.rowsAreWhole() ? w.kernelX * w.channels : w.channels;
    terms = taps * w.channels;
    segments = <i32>(terms / segment);
    pairs = segments * ((segment + 1) >> 1);
    stepCount = segments * ((segment + 2 * limit - 1) / (2 * limit));
  } else {
    terms = taps;
    pairs = (taps + 1) >> 1;
    stepCount = pairs;
  }
  const eights: u64 = (outChannels + 7) >> 3;
  let end: u64 = OWN;
  eightsAt = <usize>end;
  end += eights * EIGHT;
  panelsAt = <usize>end;
  end += eights * (<u64>pairs * weightBytes << 5);
  stepsAt = <usize>end;
  end += <u64>stepCount << 3;
  placesAt = <usize>end;
  end += <u64>w.blockPositions << 3;
  accAt = <usize>end;
  wideAt = accAt + TILE * 32;
  zerosAt = wideAt + TILE * 64;
  blockAt = (zerosAt + 32 + 63) & ~63;
  // More than there can be is refused by the caller, before anything is written.
  return <usize>min<u64>(end + TILE * 96 + 96 + w.blockBytes + 256, u32.MAX_VALUE);
}

// @ts-ignore: decorator
@inline
function panelBytes(): usize {
  return <usize>pairs * weightBytes << 5;
}

function largestInput(): i64 {
  return w.bytes == 1 ? max(w.zero, 255 - w.zero) : 32768;
}

/** Scratch bytes of the instruction. */
export function scratch_conv(block: usize): usize {
  return planConv(block);
}

export function scratch_dwconv(block: usize): usize {
  return planDepthwise(block);
}

/** Returns how many accumulators saturated, or -1 - o where the parameters of channel o can't be. */
export function run_conv(block: usize, scratch: usize): i32 {
  planConv(block);
  beginEpilogue(block, f.CONV_ZERO, scratch);
  return run(scratch, pitch(block, f.CONV_OUT), pitch(block, f.CONV_OUT_ROW_PITCH), pitch(block, f.CONV_OUT_COL_PITCH), word(block, f.CONV_OUT_BYTES));
}

export function run_dwconv(block: usize, scratch: usize): i32 {
  planDepthwise(block);
  beginEpilogue(block, f.DWCONV_ZERO, scratch);
  return run(scratch, pitch(block, f.DWCONV_OUT), pitch(block, f.DWCONV_OUT_ROW_PITCH), pitch(block, f.DWCONV_OUT_COL_PITCH), word(block, f.DWCONV_OUT_BYTES));
}

function run(scratch: usize, out: usize, outRowPitch: usize, outColPitch: usize, outBytes: i32): i32 {
  isFloat = outBytes == 4;
  memory.fill(scratch + zerosAt, 0, 32);
  writeSteps(scratch + stepsAt);
  for (let c = 0; c < outChannels; c += 8) {
    const bad = prepareEight(scratch, c);
    if (bad >= 0) return -1 - bad;
  }
  const total = w.outRows * w.outCols;
  let saturations = 0;
  for (let first = 0; first < total; first += w.blockPositions) {
    const count = min(w.blockPositions, total - first);
    w.fillBlock(first, count, scratch + blockAt, scratch + placesAt, out, outRowPitch, outColPitch);
    for (let c = 0; c < outChannels; c += 8) {
      for (let p = 0; p < count; p += TILE) saturations += runTile(scratch, scratch + placesAt + (<usize>p << 3), min(TILE, count - p), c, outBytes);
    }
  }
  return saturations;
}

function runTile(scratch: usize, places: usize, count: i32, channel: i32, outBytes: i32): i32 {
  const eight = scratch + eightsAt + <usize>(channel >> 3) * EIGHT;
  const panel = scratch + panelsAt + <usize>(channel >> 3) * panelBytes();
  const acc = scratch + accAt;
  const at = <usize>(channel * outBytes);
  const valid = min(8, outChannels - channel);
  if (load<i32>(eight) == 1) {
    const steps = scratch + stepsAt;
    sumTile(places, count, panel, steps, steps + (<usize>stepCount << 3), acc, eight + BIAS, channel);
    finishEights(acc, count, eight + FACTORS, places, at, valid, outBytes);
    return 0;
  }
  sumWide(scratch, places, count, panel, channel);
  if (isFloat) return floatWide(scratch, count, eight, places, at, valid);
  const saturations = rescaleWide(scratch, count, eight, valid);
  finishEights(acc, count, 0, places, at, valid, outBytes);
  return saturations;
}

// @ts-ignore: decorator
@inline
function sumTile(places: usize, count: i32, panel: usize, steps: usize, stepsEnd: usize, acc: usize, bias: usize, channel: i32): void {
  if (isDense) dense(places, count, panel, steps, stepsEnd, acc, bias);
  else depthwise(places, count, panel, steps, stepsEnd, acc, bias, <usize>channel << 1);
}

function writeSteps(steps: usize): void {
  const taps = w.kernelY * w.kernelX;
  if (!isDense) {
    for (let t = 0; t < taps; t += 2, steps += 8) {
      // An odd tap is paired with itself, at weight 0.
      const next = min(t + 1, taps - 1);
      store<u32>(steps, <u32>w.tapOffset(t / w.kernelX, t % w.kernelX));
      store<u32>(steps, <u32>w.tapOffset(next / w.kernelX, next % w.kernelX), 4);
    }
    return;
  }
  for (let s = 0; s < segments; s++) {
    const tap = segments == taps ? s : s * w.kernelX;
    const offset: usize = w.packed ? 0 : w.tapOffset(tap / w.kernelX, tap % w.kernelX);
    for (let done = 0; done < segment; done += 2 * limit, steps += 8) {
      store<u32>(steps, <u32>(offset + (<usize>done << 1)));
      store<u32>(steps, (min(2 * limit, segment - done) + 1) >> 1, 4);
    }
  }
}

/** Chooses the way of eight channels and packs their weights. Returns the channel whose parameters can't be, or -1. */
function prepareEight(scratch: usize, channel: i32): i32 {
  const eight = scratch + eightsAt + <usize>(channel >> 3) * EIGHT;
  const panel = scratch + panelsAt + <usize>(channel >> 3) * panelBytes();
  const valid = min(8, outChannels - channel);
  memory.fill(eight, 0, EIGHT);
  let largestBias: i64 = 0;
  for (let i = 0; i < 8; i++) {
    const pair = eight + PAIRS + (<usize>i << 3);
    store<i32>(pair, 32, 4);
    if (i >= valid) continue;
    const params = channelParams + (<usize>(channel + i) << 4);
    let bias = load<i64>(params);
    const m = load<i32>(params, 8);
    const s = load<i32>(params, 12);
    if (bias > S48_LIMIT || bias < -S48_LIMIT - 1 || (!isFloat && ((m != 0 && m < (s == 62 ? 0 : 1 << 30)) || s < 17 || s > 62))) return channel + i;
    if (w.bytes == 2) bias += <i64>(32768 - w.zero) * sumWeights(channel + i);
    store<i64>(eight + BIAS64 + (<usize>i << 3), bias);
    store<i32>(eight + BIAS + (<usize>i << 2), <i32>bias);
    store<i32>(pair, m);
    store<i32>(pair, s, 4);
    largestBias = max<i64>(largestBias, bias < 0 ? -bias : bias);
  }
  const fits = largestInput() * (weightBytes == 1 ? 128 : 32768) * terms + largestBias < S32_LIMIT;
  const fast = fits && !isFloat && makeFactor(eight + FACTORS, eight + PAIRS, 8, lowBound(), highBound())
    && makeFactor(eight + FACTORS + FACTOR_BYTES, eight + PAIRS + 32, 8, lowBound(), highBound());
  store<i32>(eight, fast ? 1 : 0);
  if (fast || weightBytes == 1) {
    packEight(panel, channel, valid, WHOLE);
  } else {
    packEight(panel, channel, valid, LOW);
    packEight(panel + (<usize>pairs << 5), channel, valid, HIGH);
  }
  return -1;
}

function packEight(panel: usize, channel: i32, valid: i32, part: i32): void {
  if (isDense) packDense(panel, weights, weightBytes, channel, valid, segments, segment, part);
  else packDepthwise(panel, weights, weightBytes, channel, valid, outChannels, <i32>terms, part);
}

function sumWeights(channel: i32): i64 {
  return isDense ? sumDense(weights, weightBytes, channel, <i32>terms) : sumDepthwise(weights, weightBytes, channel, outChannels, <i32>terms);
}

function sumWide(scratch: usize, places: usize, count: i32, panel: usize, channel: i32): void {
  const acc = scratch + accAt;
  const sums = scratch + wideAt;
  const end = scratch + stepsAt + (<usize>stepCount << 3);
  memory.fill(sums, 0, <usize>count << 6);
  let b = panel;
  for (let half = 0; half < weightBytes; half++) {
    let from = scratch + stepsAt;
    while (from < end) {
      let to = from;
      let taken = 0;
      do {
        taken += isDense ? load<i32>(to, 4) : 1;
        to += 8;
      } while (to < end && taken + (isDense ? load<i32>(to, 4) : 1) <= limit);
      sumTile(places, count, b, from, to, acc, scratch + zerosAt, channel);
      spill(sums, acc, count << 3, 8 * half);
      b += <usize>taken << 5;
      from = to;
    }
  }
}

function spill(sums: usize, acc: usize, count: i32, shift: i32): void {
  const end = sums + (<usize>count << 3);
  for (; sums < end; sums += 32, acc += 16) {
    const v = v128.load(acc);
    v128.store(sums, i64x2.add(v128.load(sums), i64x2.shl(i64x2.extend_low_i32x4_s(v), shift)));
    v128.store(sums, i64x2.add(v128.load(sums, 16), i64x2.shl(i64x2.extend_high_i32x4_s(v), shift)), 16);
  }
}

/** Sums of s64 plus bias, saturated and rescaled, back into the accumulators within what the epilogue keeps. */
function rescaleWide(scratch: usize, count: i32, eight: usize, valid: i32): i32 {
  const most = w.bytes + weightBytes == 2 ? S32_LIMIT : S48_LIMIT;
  const low: i64 = lowBound();
  const high: i64 = highBound();
  let saturations = 0;
  for (let p: usize = 0; p < <usize>count; p++) {
    for (let i: usize = 0; i < <usize>valid; i++) {
      const sum = load<i64>(scratch + wideAt + (p << 6) + (i << 3)) + load<i64>(eight + BIAS64 + (i << 3));
      const held = max<i64>(min<i64>(sum, most), -most - 1);
      if (held != sum) saturations++;
      const pair = eight + PAIRS + (i << 3);
      const r = rescale48(held, load<i32>(pair), load<i32>(pair, 4));
      store<i32>(scratch + accAt + (p << 5) + (i << 2), <i32>max<i64>(min<i64>(r, high), low));
    }
  }
  return saturations;
}

/** Sums of s64 plus bias, saturated, times the channel's unit, at their places. */
function floatWide(scratch: usize, count: i32, eight: usize, places: usize, at: usize, valid: i32): i32 {
  const most = w.bytes + weightBytes == 2 ? S32_LIMIT : S48_LIMIT;
  let saturations = 0;
  for (let p: usize = 0; p < <usize>count; p++) {
    const out = <usize>load<u32>(places + (p << 3), 4) + at;
    for (let i: usize = 0; i < <usize>valid; i++) {
      const sum = load<i64>(scratch + wideAt + (p << 6) + (i << 3)) + load<i64>(eight + BIAS64 + (i << 3));
      const held = max<i64>(min<i64>(sum, most), -most - 1);
      if (held != sum) saturations++;
      const y = <f32>held * load<f32>(eight + PAIRS + (i << 3));
      store<f32>(out + (i << 2), y == y ? y : 0);
    }
  }
  return saturations;
}
