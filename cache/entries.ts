// What both stores know of their entries.
import { digestOf, isDigest, type Digest, type Key } from '../src/base/digest.ts';
import type { JobRecord, LastRun, Receipt } from '../src/engine/store.ts';

/** Keys and digests name entries and files: anything but 64 hex digits is a bug, met before it reaches the disk. */
export function checked<T extends Digest | Key>(key: T): T {
  const text: string = key;
  if (!isDigest(text)) throw new Error(`BUG: ${JSON.stringify(text)} is no digest`);
  return key;
}

/** The key before this one stays known while the same key is asked for again and again. `last` itself when nothing is new. */
export function nextLastRun(last: LastRun | undefined, { key, ms, pathMs }: Pick<JobRecord, 'key' | 'ms' | 'pathMs'>): LastRun {
  const before = last === undefined || last.key === key ? last?.before : last.key;
  // A hit takes no time; what the job took when it ran is what priorities want to know.
  const known = ms > 0 || last === undefined ? ms : last.ms;
  // A path ends in other jobs, whose times are never twice the same: only a notable change is worth a write.
  const path = pathMs === undefined || (last?.pathMs !== undefined && Math.abs(pathMs - last.pathMs) < last.pathMs / 4) ? last?.pathMs : pathMs;
  if (last?.key === key && last.ms === known && last.pathMs === path) return last;
  return { key, ms: known, ...(path !== undefined && { pathMs: path }), ...(before !== undefined && { before }) };
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
