// Codes for checks: a calibration sample quantised at an edge, or every code at random.
import { viewAs } from '../base/bytes.ts';
import { elements } from '../base/dtype.ts';
import { roundHalfEven } from '../base/real.ts';
import type { Codes, Edge, Quant } from '../ops/group.ts';

const levels = { U8: 255, U16: 65535, FP32: 0 } as const;

/** A tensor of floats (FP32 bytes in logical order) as codes of `edge`; raw inputs (no quant) are taken as they are. */
export function sampleCodes(bytes: Uint8Array, edge: Edge, quant: Quant | null): Codes {
  const { shape, dtype } = edge;
  if (quant === null) {
    const data = dtype === 'U8' ? bytes : dtype === 'U16' ? viewAs(Uint16Array, bytes) : viewAs(Float32Array, bytes);
    return { shape, data };
  }
  const reals = viewAs(Float32Array, bytes);
  const data = dtype === 'U8' ? new Uint8Array(reals.length) : new Uint16Array(reals.length);
  const most = levels[dtype];
  const { scale, zero } = quant;
  for (let i = 0; i < reals.length; i++) {
    const code = roundHalfEven(Math.fround(reals[i]! / scale)) + zero;
    data[i] = code < 0 ? 0 : code > most ? most : code;
  }
  return { shape, data };
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
  const seen = new Uint8Array(65536);
  let count = 0;
  for (const { data } of tensors) {
    for (let i = 0; i < data.length; i++) {
      const code = data[i]!;
      if (seen[code] !== 0) continue;
      seen[code] = 1;
      count++;
    }
  }
  return count;
}
