// Codes for checks: a calibration sample quantised at an edge, or every code at random.
import { viewAs } from '../base/bytes.ts';
import { elements } from '../base/dtype.ts';
import type { Codes, Edge, Quant } from '../ops/group.ts';

/** A tensor of floats (FP32 bytes in logical order) as codes of `edge`; raw inputs (no quant) are taken as they are. */
export function sampleCodes(bytes: Uint8Array, edge: Edge, quant: Quant | null): Codes {
  const { shape, dtype } = edge;
  if (quant === null) {
    const data = dtype === 'U8' ? bytes : dtype === 'U16' ? viewAs(Uint16Array, bytes) : viewAs(Float32Array, bytes);
    return { shape, data };
  }
  const reals = viewAs(Float32Array, bytes);
  return { shape, data: dtype === 'U8' ? byteCodes(reals, quant) : wordCodes(reals, quant) };
}

// The engine compiles a loop for each kind of array it has seen there: hence one a kind. Adding this and taking it away rounds a double of
// less than 2^51 to the nearest whole number, halves to the even one; a larger one stays out of every code's range.
const rounder = 1.5 * 2 ** 52;

function byteCodes(reals: Float32Array, { scale, zero }: Quant): Uint8Array {
  const codes = new Uint8ClampedArray(reals.length); // clamps as it stores
  for (let i = 0; i < reals.length; i++) codes[i] = Math.fround(reals[i]! / scale) + rounder - rounder + zero;
  return new Uint8Array(codes.buffer);
}

function wordCodes(reals: Float32Array, { scale, zero }: Quant): Uint16Array {
  const codes = new Uint16Array(reals.length);
  for (let i = 0; i < reals.length; i++) {
    const code = Math.fround(reals[i]! / scale) + rounder - rounder + zero;
    codes[i] = code < 0 ? 0 : code > 65535 ? 65535 : code;
  }
  return codes;
}

/** Uniform codes over the whole range of the edge's type (U8 or U16), the same for the same seed on every machine. */
export function randomCodes(edge: Edge, seed: number): Codes {
  const count = elements(edge.shape);
  const data = edge.dtype === 'U8' ? new Uint8Array(count) : new Uint16Array(count);
  // xorshift32
  let state = (seed * 2654435761) >>> 0 || 1;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = state >>> 8;
  }
  return { shape: edge.shape, data };
}

/** How many different codes occur (U8, U16). */
export function distinctValues(tensors: readonly Codes[]): number {
  const seen = new Uint8Array(tensors.every(({ data }) => data instanceof Uint8Array) ? 256 : 65536);
  for (const { data } of tensors) {
    if (data instanceof Uint8Array) markBytes(seen, data);
    else markWords(seen, data);
  }
  return seen.reduce((count, one) => count + one, 0);
}

function markBytes(seen: Uint8Array, codes: Uint8Array): void {
  for (let i = 0; i < codes.length; i++) seen[codes[i]!] = 1;
}

function markWords(seen: Uint8Array, codes: Exclude<Codes['data'], Uint8Array>): void {
  for (let i = 0; i < codes.length; i++) seen[codes[i]!] = 1;
}
