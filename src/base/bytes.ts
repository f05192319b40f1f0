// Views of bytes as numbers. A view is made only when the offset is aligned; otherwise the bytes are copied first.
export type TypedArray =
  | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array
  | Float32Array | Float64Array | BigInt64Array | BigUint64Array;

interface Constructor<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** `bytes` read as numbers of the given kind, without a copy where alignment allows. */
export function viewAs<T>(kind: Constructor<T>, bytes: Uint8Array): T {
  const size = kind.BYTES_PER_ELEMENT;
  if (bytes.byteLength % size !== 0) throw new Error(`BUG: ${bytes.byteLength} bytes are no whole number of ${size}-byte elements`);
  // Not slice(): that of a Buffer is a view.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new kind(aligned.buffer, aligned.byteOffset, aligned.byteLength / size);
}

/** The bytes behind a typed array, without a copy. */
export function bytesOf(array: TypedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

export function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
