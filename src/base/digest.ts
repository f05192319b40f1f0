// SHA-256 is the identity of bytes; a key is the digest of a recipe. The two are branded apart so that one can't be
// passed where the other is due.
import { createHash } from 'node:crypto';
import { canonical, type Json } from './canonical.ts';

export type Digest = string & { readonly __digest: true };
export type Key = string & { readonly __key: true };

/** SHA-256 of bytes or UTF-8 text, as 64 lower-case hex digits. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return createHash('sha256').update(bytes).digest('hex') as Digest;
}

/** Digest of a value's canonical text: independent of key order. */
export function digestOfJson(value: Json): Digest {
  return digestOf(canonical(value));
}

export function isDigest(text: string): text is Digest {
  return /^[0-9a-f]{64}$/.test(text);
}
