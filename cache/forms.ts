// The form of LMDB's entries: bytes in, bytes out.
import type { Lost, Publication, Receipt } from '../src/engine/store.ts';

type Hash = (bytes: Uint8Array) => bigint;

/** xxHash64 of the rest, the receipt's JSON on one line, the recipe. A look-up parses the first line only. */
export function writeReceipt({ receipt, recipe }: Publication, hash: Hash): Buffer {
  const text = Buffer.from(`${JSON.stringify(receipt)}\n${recipe}`, 'utf8');
  const bytes = Buffer.allocUnsafe(8 + text.byteLength);
  bytes.set(text, 8);
  bytes.writeBigUInt64LE(hash(text), 0);
  return bytes;
}

export function readReceipt(bytes: Buffer | undefined, hash: Hash): Receipt | Lost {
  if (bytes === undefined) return 'missing';
  const text = opened(bytes, hash);
  // What passes the hash is what writeReceipt wrote, in this format's own folder.
  return text === undefined ? 'corrupt' : (JSON.parse(text.toString('utf8', 0, text.indexOf(10))) as Receipt);
}

export function readRecipe(bytes: Buffer | undefined, hash: Hash): string | undefined {
  const text = bytes === undefined ? undefined : opened(bytes, hash);
  return text?.toString('utf8', text.indexOf(10) + 1);
}

function opened(bytes: Buffer, hash: Hash): Buffer | undefined {
  const text = bytes.subarray(8);
  return bytes.byteLength >= 8 && hash(text) === bytes.readBigUInt64LE(0) ? text : undefined;
}

/** What is known of a blob beside its bytes. */
export interface Meta {
  readonly hash: bigint;
  /** When it was last kept, in milliseconds. */
  readonly at: number;
  readonly size: number;
}

export function writeMeta({ hash, at, size }: Meta): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64LE(hash, 0);
  bytes.writeDoubleLE(at, 8);
  bytes.writeDoubleLE(size, 16);
  return bytes;
}

export function readMeta(bytes: Buffer | undefined): Meta | undefined {
  if (bytes?.byteLength !== 24) return undefined;
  return { hash: bytes.readBigUInt64LE(0), at: bytes.readDoubleLE(8), size: bytes.readDoubleLE(16) };
}

export function writeTime(time: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(time, 0);
  return bytes;
}

export function readTime(bytes: Buffer | undefined): number {
  return bytes?.byteLength === 8 ? bytes.readDoubleLE(0) : 0;
}

export function writeJson(value: object): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

/** The caller names the type: each table holds one, written by writeJson in this format's own folder. */
export function readJson<T>(bytes: Buffer | undefined): T | undefined {
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as T);
}
