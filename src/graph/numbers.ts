// Raw tensor bytes as plain numbers and back: for shapes, axes and other small constants.
import { bytesOf, viewAs } from '../base/bytes.ts';
import type { DType } from '../base/dtype.ts';

const int64Max = 9223372036854775807n;
const int64Min = -9223372036854775808n;
const uint64Max = 18446744073709551615n;

/** Numbers of raw little-endian bytes. 64-bit integers beyond 2^53 are rounded to the nearest double; BOOL gives 0 and 1. */
export function numbersOf(bytes: Uint8Array, dtype: DType): number[] {
  // A Buffer from a store or a file becomes plain bytes: its slice is no copy, which aligned views count on.
  return readers[dtype](new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** Raw little-endian bytes of numbers. Integers are truncated and clamped to the type's range, as far as a 64-bit one goes. */
export function bytesOfNumbers(numbers: readonly number[], dtype: DType): Uint8Array {
  return writers[dtype](numbers);
}

const readers: Readonly<Record<DType, (bytes: Uint8Array) => number[]>> = {
  FP32: (bytes) => Array.from(viewAs(Float32Array, bytes)),
  FP64: (bytes) => Array.from(viewAs(Float64Array, bytes)),
  FP16: (bytes) => Array.from(viewAs(Uint16Array, bytes), halfToNumber),
  U8: (bytes) => Array.from(bytes),
  S8: (bytes) => Array.from(viewAs(Int8Array, bytes)),
  U16: (bytes) => Array.from(viewAs(Uint16Array, bytes)),
  S16: (bytes) => Array.from(viewAs(Int16Array, bytes)),
  U32: (bytes) => Array.from(viewAs(Uint32Array, bytes)),
  S32: (bytes) => Array.from(viewAs(Int32Array, bytes)),
  U64: (bytes) => Array.from(viewAs(BigUint64Array, bytes), Number),
  S64: (bytes) => Array.from(viewAs(BigInt64Array, bytes), Number),
  BOOL: (bytes) => Array.from(bytes, (byte) => (byte === 0 ? 0 : 1)),
};

const writers: Readonly<Record<DType, (numbers: readonly number[]) => Uint8Array>> = {
  FP32: (numbers) => bytesOf(Float32Array.from(numbers)),
  FP64: (numbers) => bytesOf(Float64Array.from(numbers)),
  FP16: (numbers) => bytesOf(Uint16Array.from(numbers, numberToHalf)),
  U8: (numbers) => Uint8Array.from(numbers),
  S8: (numbers) => bytesOf(Int8Array.from(numbers)),
  U16: (numbers) => bytesOf(Uint16Array.from(numbers)),
  S16: (numbers) => bytesOf(Int16Array.from(numbers)),
  U32: (numbers) => bytesOf(Uint32Array.from(numbers)),
  S32: (numbers) => bytesOf(Int32Array.from(numbers)),
  U64: (numbers) => bytesOf(BigUint64Array.from(numbers, (n) => clampBig(n, 0n, uint64Max))),
  S64: (numbers) => bytesOf(BigInt64Array.from(numbers, (n) => clampBig(n, int64Min, int64Max))),
  BOOL: (numbers) => Uint8Array.from(numbers, (n) => (n === 0 ? 0 : 1)),
};

function clampBig(number: number, low: bigint, high: bigint): bigint {
  const value = BigInt(Math.trunc(number));
  return value < low ? low : value > high ? high : value;
}

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Nearest half, ties to even; beyond its range: infinity. */
function numberToHalf(number: number): number {
  if (Number.isNaN(number)) return 0x7e00;
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0;
  const size = Math.abs(number);
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | halfEven(size * 2 ** 24);
  let exponent = 0;
  while (size >= 2 ** (exponent + 1)) exponent++;
  while (size < 2 ** exponent) exponent--;
  // A fraction that rounds up to 2048 carries into the exponent by itself.
  return sign | (((exponent + 15) << 10) + halfEven(size * 2 ** (10 - exponent)) - 1024);
}

function halfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
