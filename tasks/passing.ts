// The small records that tasks pass to the pipeline as JSON, and how it reads them.
import type { Digest } from '../src/base/digest.ts';
import { textOf } from '../src/base/bytes.ts';
import type { Place } from '../src/base/fault.ts';
import type { Build } from '../src/engine/build.ts';
import type { Artifact } from '../src/engine/task.ts';

/** Where the user wrote the setting at a dotted path such as quant.layer_configs[2].layer_name. */
export type PlaceOf = (path: string) => Place | undefined;

/** What `scan` tells of a model before anything slow. */
export interface Facts {
  readonly inputs: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly (number | string)[] }[];
  readonly outputs: readonly string[];
  readonly operators: readonly string[];
  readonly externals: readonly string[];
}

/** One entry of an unpacked archive. Digest and size are of what float passes read of it: only where one will. */
export interface EntryRow {
  readonly name: string;
  readonly digest?: Digest;
  readonly size?: number;
}

/** The float values of every edge for one sample: raw inputs as they arrive, everything else FP32 in logical order. */
export type SampleIndex = Readonly<Record<string, Digest>>;

export async function jsonOf<T>(build: Build, artifact: Artifact): Promise<T> {
  // Written by our own task under a key that names its code: the type is the task's contract (tasks/README.md).
  return JSON.parse(textOf(await build.read(artifact))) as T;
}

/** A blob that an artifact refers to, as an input of its own. */
export function blobArtifact(digest: Digest, refs: readonly Digest[] = [], size = 0): Artifact {
  return { digest, size, refs };
}
