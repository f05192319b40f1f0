// What both stores know of their entries.
import { digestOf, isDigest, type Digest, type Key } from '../src/base/digest.ts';
import type { LastRun, Receipt } from '../src/engine/store.ts';

/** Keys and digests name entries and files: anything but 64 hex digits is a bug, met before it reaches the disk. */
export function checked<T extends Digest | Key>(key: T): T {
  const text: string = key;
  if (!isDigest(text)) throw new Error(`BUG: ${JSON.stringify(text)} is no digest`);
  return key;
}

/** The key before this one stays known while the same key is asked for again and again. */
export function nextLastRun(last: LastRun | undefined, { key, ms }: { key: Key; ms: number }): LastRun {
  const before = last === undefined || last.key === key ? last?.before : last.key;
  // A hit takes no time; what the job took when it ran is what priorities want to know.
  const known = ms > 0 || last === undefined ? ms : last.ms;
  return { key, ms: known, ...(before === undefined ? {} : { before }) };
}

/** The name of a job in the table of last runs: labels may be longer than a key of LMDB. */
export function labelKey({ task, label }: { readonly task: string; readonly label: string }): Digest {
  return digestOf(`${task}\0${label}`);
}

/** Every blob that a receipt stands for. */
export function digestsOf(receipt: Receipt): Digest[] {
  const digests = new Set<Digest>();
  for (const artifact of Object.values(receipt.outputs)) {
    digests.add(artifact.digest);
    for (const ref of artifact.refs) digests.add(ref);
  }
  return [...digests];
}
