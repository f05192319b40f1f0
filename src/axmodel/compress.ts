// Blobs stored smaller: raw DEFLATE (RFC 1951). Written by one implementation at one level, so that equal bytes stay equal; any inflater
// reads it. Nothing is modelled of it: the runtime unpacks a file while it loads.
import { inflateRawSync } from 'node:zlib';
import { deflateSync } from 'fflate';

const level = 6;
/** Less than this share saved isn't worth unpacking. */
const least = 1 / 32;

/** Undefined where it doesn't pay. */
export function compressed(bytes: Uint8Array): Uint8Array | undefined {
  const small = deflateSync(bytes, { level });
  return small.byteLength <= bytes.byteLength * (1 - least) ? small : undefined;
}

/** A stream's shortest code stands for 258 bytes and takes two bits: what claims to hold more is lying. */
const mostExpansion = 1032;

/** `size`: what it is said to hold. Undefined where that isn't so; never allocates more than the stream could fill. */
export function inflated(small: Uint8Array, size: number): Uint8Array | undefined {
  if (size > mostExpansion * small.byteLength) return undefined;
  try {
    const { buffer: bytes, engine } = inflate(small, Math.max(1, size));
    // Nothing may follow the stream.
    return bytes.byteLength === size && engine.bytesWritten === small.byteLength ? new Uint8Array(bytes.buffer, bytes.byteOffset, size) : undefined;
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && 'code' in error)) return undefined;
    throw error;
  }
}

/** With `info`, Node also says how much it read; its types don't know. */
function inflate(small: Uint8Array, maxOutputLength: number): { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } } {
  return inflateRawSync(small, { maxOutputLength, info: true }) as unknown as ReturnType<typeof inflate>;
}
