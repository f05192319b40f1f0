// Islands of FP32 (spec §8): every operation rounded once, in the order written; what is no number becomes 0.
import { pitch, real, word } from './block';
import * as f from './fields.generated';

// @ts-ignore: decorator
@inline
function settled(y: f32): f32 {
  return y == y ? y : 0;
}

// @ts-ignore: decorator
@inline
function binary(operation: i32, a: f32, b: f32): f32 {
  return settled(operation == 0 ? a + b : operation == 1 ? a - b : a * b);
}

// @ts-ignore: decorator
@inline
function binary4(operation: i32, a: v128, b: v128): v128 {
  const y = operation == 0 ? f32x4.add(a, b) : operation == 1 ? f32x4.sub(a, b) : f32x4.mul(a, b);
  return v128.and(y, f32x4.eq(y, y));
}

export function run_float_binary(block: usize, scratch: usize): i32 {
  const operation = word(block, f.FLOAT_BINARY_OPERATION);
  const rows = word(block, f.FLOAT_BINARY_ROWS);
  const cols = word(block, f.FLOAT_BINARY_COLS);
  const channels = word(block, f.FLOAT_BINARY_CHANNELS);
  const aStep = <usize>word(block, f.FLOAT_BINARY_A_CHANNEL_STEP) << 2;
  const bStep = <usize>word(block, f.FLOAT_BINARY_B_CHANNEL_STEP) << 2;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < cols; x++) {
      let a = pitch(block, f.FLOAT_BINARY_A) + <usize>y * pitch(block, f.FLOAT_BINARY_A_ROW_PITCH) + <usize>x * pitch(block, f.FLOAT_BINARY_A_COL_PITCH);
      let b = pitch(block, f.FLOAT_BINARY_B) + <usize>y * pitch(block, f.FLOAT_BINARY_B_ROW_PITCH) + <usize>x * pitch(block, f.FLOAT_BINARY_B_COL_PITCH);
      let out = pitch(block, f.FLOAT_BINARY_OUT) + <usize>y * pitch(block, f.FLOAT_BINARY_OUT_ROW_PITCH) + <usize>x * pitch(block, f.FLOAT_BINARY_OUT_COL_PITCH);
      let count = channels;
      if (aStep + bStep == 8) {
        for (; count >= 4; count -= 4, a += 16, b += 16, out += 16) v128.store(out, binary4(operation, v128.load(a), v128.load(b)));
      }
      for (; count > 0; count--, a += aStep, b += bStep, out += 4) store<f32>(out, binary(operation, load<f32>(a), load<f32>(b)));
    }
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function clip(x: f32, lo: f32, hi: f32): f32 {
  return x < lo ? lo : x > hi ? hi : x;
}

const C0: f64 = 1.0;
const C2: f64 = 1.0 / 2.0;
const C3: f64 = 1.0 / 6.0;
const C4: f64 = 1.0 / 24.0;
const C5: f64 = 1.0 / 120.0;
const C6: f64 = 1.0 / 720.0;
const C7: f64 = 1.0 / 5040.0;
const C8: f64 = 1.0 / 40320.0;
const C9: f64 = 1.0 / 362880.0;
const C10: f64 = 1.0 / 3628800.0;

function exponential(x: f64): f64 {
  if (x != x) return x;
  const z: f64 = x < -100.0 ? -100.0 : x > 100.0 ? 100.0 : x;
  const k = nearest<f64>(z * 1.4426950408889634);
  const r = z - k * 0.693145751953125 - k * 0.0000014286068203094173;
  let p: f64 = C10;
  p = p * r + C9;
  p = p * r + C8;
  p = p * r + C7;
  p = p * r + C6;
  p = p * r + C5;
  p = p * r + C4;
  p = p * r + C3;
  p = p * r + C2;
  p = p * r + C0;
  p = p * r + C0;
  return p * reinterpret<f64>((<i64>k + 1023) << 52);
}

function sigmoid(x: f32): f32 {
  return <f32>(1.0 / (1.0 + exponential(-(<f64>x))));
}

// @ts-ignore: decorator
@inline
function apply(number: i32, x: f32, a: f32, b: f32): f32 {
  switch (number) {
    case 1: return a * x + b;
    case 2: return x > 0 ? x : 0;
    case 3: return clip(x, a, b);
    case 4: return x >= 0 ? x : a * x;
    case 5: return sigmoid(x);
    case 6: return x * sigmoid(x);
    case 7: return clip(a * x + b, 0, 1);
    case 8: return x * clip(x + 3, 0, 6) / 6;
    case 9: return a / x;
    default: return x;
  }
}

export function run_float_function(block: usize, scratch: usize): i32 {
  const number = word(block, f.FLOAT_FUNCTION_FUNCTION);
  const a = real(block, f.FLOAT_FUNCTION_A);
  const b = real(block, f.FLOAT_FUNCTION_B);
  const rows = word(block, f.FLOAT_FUNCTION_ROWS);
  const cols = word(block, f.FLOAT_FUNCTION_COLS);
  const channels = word(block, f.FLOAT_FUNCTION_CHANNELS);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < cols; x++) {
      const from = pitch(block, f.FLOAT_FUNCTION_IN) + <usize>y * pitch(block, f.FLOAT_FUNCTION_IN_ROW_PITCH) + <usize>x * pitch(block, f.FLOAT_FUNCTION_IN_COL_PITCH);
      const out = pitch(block, f.FLOAT_FUNCTION_OUT) + <usize>y * pitch(block, f.FLOAT_FUNCTION_OUT_ROW_PITCH) + <usize>x * pitch(block, f.FLOAT_FUNCTION_OUT_COL_PITCH);
      for (let c: usize = 0; c < <usize>channels; c++) store<f32>(out + (c << 2), settled(apply(number, load<f32>(from + (c << 2)), a, b)));
    }
  }
  return 0;
}

export function run_float_softmax(block: usize, scratch: usize): i32 {
  const rows = word(block, f.FLOAT_SOFTMAX_ROWS);
  const channels = <usize>word(block, f.FLOAT_SOFTMAX_CHANNELS);
  for (let y = 0; y < rows; y++) {
    const from = pitch(block, f.FLOAT_SOFTMAX_IN) + <usize>y * pitch(block, f.FLOAT_SOFTMAX_IN_ROW_PITCH);
    const out = pitch(block, f.FLOAT_SOFTMAX_OUT) + <usize>y * pitch(block, f.FLOAT_SOFTMAX_OUT_ROW_PITCH);
    let most = load<f32>(from);
    for (let c: usize = 1; c < channels; c++) {
      const x = load<f32>(from + (c << 2));
      if (x > most) most = x;
    }
    let sum: f64 = 0;
    for (let c: usize = 0; c < channels; c++) sum += exponential(<f64>load<f32>(from + (c << 2)) - <f64>most);
    for (let c: usize = 0; c < channels; c++) store<f32>(out + (c << 2), settled(<f32>(exponential(<f64>load<f32>(from + (c << 2)) - <f64>most) / sum)));
  }
  return 0;
}
