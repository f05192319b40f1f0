// Which receipts and blobs go when the cache is over its cap: the least recently used first, never what a running
// build touched. A pure plan; the stores carry it out.
import type { Digest, Key } from '../src/base/digest.ts';
import type { Swept, Touched } from '../src/engine/store.ts';

/** All that a store has. */
export interface Shelf {
  readonly receipts: readonly { readonly key: Key; readonly used: number; readonly digests: readonly Digest[]; readonly bytes: number }[];
  readonly blobs: readonly { readonly digest: Digest; readonly at: number; readonly bytes: number }[];
}

export interface SweepRules {
  readonly capBytes: number;
  readonly touched: Touched;
  /** What was used or kept at this time or later belongs to a build that still runs. */
  readonly protectedSince: number;
}

export interface SweepPlan {
  readonly keys: readonly Key[];
  readonly digests: readonly Digest[];
  readonly swept: Swept;
}

// Sweeping to a little under the cap keeps the next builds from sweeping again at once.
const roomLeft = 0.9;

export function planSweep({ receipts, blobs }: Shelf, { capBytes, touched, protectedSince }: SweepRules): SweepPlan {
  let total = 0;
  for (const { bytes } of receipts) total += bytes;
  for (const { bytes } of blobs) total += bytes;
  const before = total;
  const keys: Key[] = [];
  const digests: Digest[] = [];
  if (total > capBytes) {
    const size = new Map(blobs.map(({ digest, bytes }) => [digest, bytes]));
    const uses = new Map<Digest, number>();
    for (const receipt of receipts) for (const digest of receipt.digests) uses.set(digest, (uses.get(digest) ?? 0) + 1);
    const drop = (digest: Digest): void => {
      if (touched.digests.has(digest) || !size.has(digest)) return;
      total -= size.get(digest)!;
      size.delete(digest);
      digests.push(digest);
    };
    // Copies of sources and what killed builds left have no receipt; they age beside those that have.
    const aging = [
      ...receipts.filter(({ key, used }) => used < protectedSince && !touched.keys.has(key)).map((receipt) => ({ at: receipt.used, receipt })),
      ...blobs.filter(({ digest, at }) => at < protectedSince && !uses.has(digest)).map((blob) => ({ at: blob.at, blob })),
    ].sort((a, b) => a.at - b.at);
    const young = new Set(blobs.filter(({ at }) => at >= protectedSince).map(({ digest }) => digest));
    for (const entry of aging) {
      if (total <= capBytes * roomLeft) break;
      if ('blob' in entry) {
        drop(entry.blob.digest);
        continue;
      }
      keys.push(entry.receipt.key);
      total -= entry.receipt.bytes;
      for (const digest of entry.receipt.digests) {
        const left = uses.get(digest)! - 1;
        uses.set(digest, left);
        if (left === 0 && !young.has(digest)) drop(digest);
      }
    }
  }
  return { keys, digests, swept: { receipts: keys.length, blobs: digests.length, bytes: before - total, keptBytes: total, capBytes } };
}
