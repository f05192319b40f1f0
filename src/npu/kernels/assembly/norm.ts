// layer_norm of spec §5, row by row: exact integers, scalar.
import { ROW_A, pitch, word } from './block';
import { beginEpilogue, finishRun, highBound, lowBound } from './epilogue';
import * as f from './fields.generated';
import { codeAt } from './rows';

const D_MOST: u64 = 0x3fffffffffffffff;
const BIAS_LIMIT: i64 = 0x2000000000000000;

/** Returns 0, or -1 - c where the parameters of channel c can't be. */
export function run_layer_norm(block: usize, scratch: usize): i32 {
  const bytes = word(block, f.LAYER_NORM_IN_BYTES);
  const outBytes = word(block, f.LAYER_NORM_OUT_BYTES);
  const rows = word(block, f.LAYER_NORM_ROWS);
  const n = word(block, f.LAYER_NORM_CHANNELS);
  const params = pitch(block, f.LAYER_NORM_CHANNEL_PARAMS);
  const epsilon: u64 = ((<u64>load<u32>(block + (f.LAYER_NORM_EPSILON_HIGH << 2))) << 32) | <u64>load<u32>(block + (f.LAYER_NORM_EPSILON_LOW << 2));
  for (let c = 0; c < n; c++) {
    const at = params + (<usize>c << 4);
    const bias = load<i64>(at);
    const shift = load<i32>(at, 12);
    if (bias >= BIAS_LIMIT || bias <= -BIAS_LIMIT || shift < 1 || shift > 62) return -1 - c;
  }
  beginEpilogue(block, f.LAYER_NORM_ZERO, scratch);
  const row = scratch + ROW_A;
  for (let y = 0; y < rows; y++) {
    normaliseRow(row, pitch(block, f.LAYER_NORM_IN) + <usize>y * pitch(block, f.LAYER_NORM_IN_ROW_PITCH), n, bytes, epsilon, params);
    finishRun(row, n, pitch(block, f.LAYER_NORM_OUT) + <usize>y * pitch(block, f.LAYER_NORM_OUT_ROW_PITCH), outBytes);
  }
  return 0;
}

function normaliseRow(to: usize, from: usize, n: i32, bytes: i32, epsilon: u64, params: usize): void {
  let sum: i64 = 0;
  let squares: i64 = 0;
  for (let c = 0; c < n; c++) {
    const code: i64 = codeAt(from + <usize>(c * bytes), bytes);
    sum += code;
    squares += code * code;
  }
  const held = max<u64>(1, min<u64>(<u64>(<i64>n * squares - sum * sum) * 256 + epsilon, D_MOST));
  // The largest e for which held * 4^e < 2^62.
  const e = <i64>((clz(held) - 2) >> 1);
  const root = floorRoot(held << (2 * e));
  const low: i64 = lowBound();
  const high: i64 = highBound();
  for (let c = 0; c < n; c++, to += 4, params += 16) {
    const difference = <i64>n * <i64>codeAt(from + <usize>(c * bytes), bytes) - sum;
    const t = floorQuotient((difference << (27 + e)) + root, 2 * root);
    const shift: i64 = load<i32>(params, 12);
    const r = (t * <i64>load<i32>(params, 8) + load<i64>(params) + (<i64>1 << (shift - 1))) >> shift;
    store<i32>(to, <i32>max<i64>(min<i64>(r, high), low));
  }
}

// @ts-ignore: decorator
@inline
function floorQuotient(a: i64, b: i64): i64 {
  const quotient = a / b;
  return a < 0 && quotient * b != a ? quotient - 1 : quotient;
}

/** Of a number below 2^62: the f64 root is one off at most. */
function floorRoot(square: u64): i64 {
  let root = <u64>sqrt<f64>(<f64>square);
  while (root * root > square) root--;
  while ((root + 1) * (root + 1) <= square) root++;
  return <i64>root;
}
