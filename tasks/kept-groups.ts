// What a worker keeps of the last time it ran a unit's groups one by one: after an edit, the groups in front of it give what they gave. A
// group is known by all that it was made from: its object, its numbers, and where its inputs come from.
import { canonical } from '../src/base/canonical.ts';
import { digestOf, type Digest } from '../src/base/digest.ts';
import type { Job } from '../src/engine/task.ts';
import type { RunGroup } from './unit-run.ts';

/** A worker keeps no more than this for a later edit. */
const keptBytesMax = 64e6;

interface Kept {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

export interface KeptGroups {
  readonly run: RunGroup;
  /** Of what `run` gave. */
  digest(group: number): Digest;
}

/** For one run; when it ends, what is kept is of this run alone. */
export function keptGroups<Options>(job: Job<Options>, samples: readonly Uint8Array[]): KeptGroups {
  const kept = job.memo('groups', () => new Map<Digest, Kept>());
  const before = new Map(kept);
  kept.clear();
  let keptBytes = 0;
  const parts = ['objects', 'scalars', 'constants'].map((name) => job.inputs(name).map(digestOf));
  const origins = new Map<number, Digest>(samples.map((sample, edge) => [edge, digestOf(sample)]));
  const digests = new Map<number, Digest>();
  return {
    run({ group, structure, inputs, output, make }) {
      const recipe = { parts: parts.map((part) => part[group]!), structure: JSON.stringify(structure), inputs: inputs.map((edge) => origins.get(edge)!) };
      const origin = digestOf(canonical(recipe));
      origins.set(output, origin);
      const one = before.get(origin) ?? keep(make());
      digests.set(group, one.digest);
      keptBytes += one.bytes.byteLength;
      if (keptBytes <= keptBytesMax) kept.set(origin, one);
      return one.bytes;
    },
    digest: (group) => digests.get(group)!,
  };
}

function keep(bytes: Uint8Array): Kept {
  return { bytes, digest: digestOf(bytes) };
}
