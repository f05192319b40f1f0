// Which jobs the end of a build waits for longest: the longest path goes first (the pool's queue orders by it).
import type { Digest } from '../base/digest.ts';
import type { Entry } from './ledger.ts';

export type Step = Pick<Entry, 'work' | 'outputs' | 'ms' | 'found'>;

/** Of each job, in milliseconds: what it takes, and behind it the longest chain of jobs that read each other. `steps`: in the order in which they were asked for. */
export function pathsOf<T extends Step>(steps: readonly T[]): ReadonlyMap<T, number> {
  const paths = new Map<T, number>();
  // The longest path of those that read a blob. A job is asked for when its inputs are known: backwards, readers come before makers.
  const behind = new Map<Digest, number>();
  for (const step of [...steps].reverse()) {
    const path = (step.ms > 0 ? step.ms : (step.found?.savedMs ?? 0)) + Math.max(0, ...Object.values(step.outputs ?? {}).map(({ digest }) => behind.get(digest) ?? 0));
    paths.set(step, path);
    for (const { digest } of Object.values(step.work.inputs).flat()) behind.set(digest, Math.max(path, behind.get(digest) ?? 0));
  }
  return paths;
}
