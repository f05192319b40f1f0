// The jobs of one build, and who made which blob. Hits cost a line here; the index is made when a repair or a
// publication first asks for it.
import type { Digest, Key } from '../base/digest.ts';
import type { Outputs } from './build.ts';
import type { Outcome } from './events.ts';
import type { Need } from './executor.ts';
import type { Prepared } from './recipe.ts';
import type { AnyTask } from './task.ts';

export interface Entry extends Prepared {
  readonly task: AnyTask;
  readonly label: string;
  readonly part?: string;
  /** Other names under which the same recipe was asked for. */
  also?: Set<string>;
  readonly need: Need;
  outcome?: Outcome;
  outputs?: Outputs;
  /** Asked for with few others of its task: short ones may run in the building process. */
  alone?: boolean;
  /** What it took when it ran in this build; 0 for a hit. */
  ms: number;
  /** Of a hit: what it took when it ran, and when it was found. */
  found?: { readonly savedMs: number; readonly atMs: number };
  /** The last of its runs. */
  run?: Run;
  /** Rejects with JobFailed. */
  promise: Promise<Outputs>;
  /** Files that went into it, through all that it was made from. */
  sources?: ReadonlySet<string>;
}

/** One run of a job. Times are milliseconds since the build began. */
export interface Run {
  readonly entry: Entry;
  /** Process id of the worker; 0: the building process. */
  readonly lane: number;
  /** When it was handed to the worker, with others in one go or alone. */
  readonly handedMs: number;
  /** When its answer came. */
  answeredMs?: number;
}

export type Producer = { readonly kind: 'job'; readonly entry: Entry } | { readonly kind: 'source'; readonly path: string };

export class Ledger {
  readonly entries = new Map<Key, Entry>();
  /** In the order in which workers got them. */
  readonly runs: Run[] = [];
  readonly #done: Entry[] = [];
  readonly #producers = new Map<Digest, Producer>();
  readonly #sources = new Map<string, Digest>();
  #indexed = 0;

  /** The entry's outputs are known from now on. */
  finished(entry: Entry, outputs: Outputs): void {
    entry.outputs = outputs;
    this.#done.push(entry);
  }

  handed(entry: Entry, run: Omit<Run, 'entry'>): void {
    entry.run = { entry, ...run };
    this.runs.push(entry.run);
  }

  opened(path: string, digest: Digest): void {
    this.#sources.set(path, digest);
    if (!this.#producers.has(digest)) this.#producers.set(digest, { kind: 'source', path });
  }

  /** The first in this build that made the blob: later ones may only pass it on. */
  producerOf(digest: Digest): Producer | undefined {
    while (this.#indexed < this.#done.length) {
      const entry = this.#done[this.#indexed++]!;
      for (const artifact of Object.values(entry.outputs ?? {})) {
        for (const made of [artifact.digest, ...artifact.refs]) {
          if (!this.#producers.has(made)) this.#producers.set(made, { kind: 'job', entry });
        }
      }
    }
    return this.#producers.get(digest);
  }

  /** Content of every file opened, by path. */
  sources(): Readonly<Record<string, Digest>> {
    return Object.fromEntries(this.#sources);
  }

  /** Every blob of every job so far: what a sweep must not take. */
  digests(): Digest[] {
    return this.#done.flatMap(({ outputs }) => Object.values(outputs ?? {}).flatMap(({ digest, refs }) => [digest, ...refs]));
  }

  /** The files that went into a job, directly or through other jobs of this build. */
  sourcesOf(entry: Entry): ReadonlySet<string> {
    if (entry.sources !== undefined) return entry.sources;
    entry.sources = none; // an artifact that names its own maker ends here
    let sources: ReadonlySet<string> = none;
    for (const artifacts of Object.values(entry.work.inputs)) {
      for (const { digest } of artifacts) {
        const producer = this.producerOf(digest);
        if (producer?.kind === 'source') sources = union(sources, new Set([producer.path]));
        if (producer?.kind === 'job') sources = union(sources, this.sourcesOf(producer.entry));
      }
    }
    entry.sources = sources;
    return sources;
  }
}

const none: ReadonlySet<string> = new Set();

// Most jobs of a build come from the same few files: a set that has them already is shared.
function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a === b || [...b].every((path) => a.has(path))) return a;
  if (a.size === 0) return b;
  return new Set([...a, ...b]);
}
