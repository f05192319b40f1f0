// One run of a task, wherever it happens: reads inputs by digest, runs, keeps the outputs, answers with a draft of the
// receipt. Nothing escapes: whatever goes wrong is a reply.
import { Fault, Faults, type FaultParts } from '../base/fault.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import type { Work } from './recipe.ts';
import type { Lost, Receipt, Store } from './store.ts';
import type { AnyTask, Artifact, Job, Output } from './task.ts';

export interface LostBlob {
  readonly digest: Digest;
  readonly why: Lost;
}

export type Reply =
  | { readonly kind: 'draft'; readonly receipt: Receipt }
  /** Blobs that the job needs and the store lost: their producers run again, then this job. */
  | { readonly kind: 'lost'; readonly blobs: readonly LostBlob[] }
  | { readonly kind: 'fault'; readonly faults: readonly FaultParts[]; readonly log: readonly string[] }
  | { readonly kind: 'bug'; readonly text: string; readonly log: readonly string[] }
  /** Not run: the build stops, or was interrupted. */
  | { readonly kind: 'skipped' };

export type Memo = <T>(key: string, make: () => T) => T;

export interface JobRoom {
  readonly store: Store;
  readonly memo: Memo;
  say(line: string): void;
}

/** Runs the job. The reply's blobs are committed only when `kept` has resolved: a bulk of jobs waits once. */
export async function runJob(room: JobRoom, task: AnyTask, work: Work): Promise<{ reply: Reply; kept: Promise<unknown> }> {
  const log: string[] = [];
  const keeping: Promise<void>[] = [];
  const lost = new Map<Digest, Lost>();
  const started = performance.now();
  const reply = await attempt();
  const kept = Promise.all(keeping);
  kept.catch(ignoreHere);
  return { reply: lost.size === 0 ? reply : { kind: 'lost', blobs: lostBlobs(room.store, work, lost) }, kept };

  async function attempt(): Promise<Reply> {
    try {
      const job = jobOf();
      const outputs = await task.run(job.see);
      const receipt = { outputs: artifactsOf(task, outputs, job), log, ms: performance.now() - started };
      return { kind: 'draft', receipt };
    } catch (error) {
      if (error instanceof Fault) return { kind: 'fault', faults: [error.parts], log };
      if (error instanceof Faults) return { kind: 'fault', faults: error.faults.map((fault) => fault.parts), log };
      return { kind: 'bug', text: error instanceof Error ? (error.stack ?? error.message) : String(error), log };
    }
  }

  function fetch(digest: Digest): Uint8Array {
    const bytes = room.store.blob(digest);
    if (typeof bytes !== 'string') return bytes;
    lost.set(digest, bytes);
    throw new Error(`blob ${digest} is ${bytes}`);
  }

  function jobOf(): RunningJob {
    const reachable = new Set<Digest>();
    for (const artifacts of Object.values(work.inputs)) {
      for (const artifact of artifacts) {
        reachable.add(artifact.digest);
        for (const ref of artifact.refs) reachable.add(ref);
      }
    }
    const keep = (bytes: Uint8Array): Digest => {
      const digest = digestOf(bytes);
      const kept = room.store.keep(digest, bytes, work.overwrite === true ? 'overwrite' : undefined);
      kept.catch(ignoreHere);
      keeping.push(kept);
      reachable.add(digest);
      return digest;
    };
    const given = (name: string): readonly Artifact[] => {
      if (task.inputs[name] === undefined) throw new Error(`BUG: ${task.name} declares no input ${name}`);
      return work.inputs[name] ?? [];
    };
    const see: Job<unknown> = {
      options: work.options,
      input(name) {
        const [artifact, ...more] = given(name);
        if (artifact === undefined || more.length > 0) throw new Error(`BUG: input ${name} of ${task.name} is not one artifact`);
        return fetch(artifact.digest);
      },
      inputs: (name) => given(name).map((artifact) => fetch(artifact.digest)),
      blob(digest) {
        if (!reachable.has(digest)) throw new Error(`BUG: ${task.name} reads blob ${digest}, which none of its inputs refers to`);
        return fetch(digest);
      },
      keep,
      // By task, so that two tasks which choose the same word never get each other's value.
      memo: (key, make) => room.memo(`${task.name} ${key}`, make),
      say(line) {
        log.push(line);
        room.say(line);
      },
    };
    return { see, keep, reachable };
  }
}

// A failed write is met where `kept` is awaited; until then it must not count as unhandled.
function ignoreHere(): void {}

interface RunningJob {
  readonly see: Job<unknown>;
  readonly keep: (bytes: Uint8Array) => Digest;
  readonly reachable: ReadonlySet<Digest>;
}

function artifactsOf(task: AnyTask, outputs: Readonly<Record<string, Output>>, { keep, reachable }: RunningJob): Record<string, Artifact> {
  const artifacts: Record<string, Artifact> = {};
  for (const name of Object.keys(outputs)) {
    if (!task.outputs.includes(name)) throw new Error(`BUG: ${task.name} wrote ${name}, which it does not declare`);
  }
  for (const name of task.outputs) {
    const output = outputs[name];
    if (output === undefined) throw new Error(`BUG: ${task.name} did not write ${name}`);
    const { bytes, refs } = output instanceof Uint8Array ? { bytes: output, refs: [] } : output;
    for (const ref of refs) {
      if (!reachable.has(ref)) throw new Error(`BUG: output ${name} of ${task.name} refers to ${ref}, which it neither kept nor was given`);
    }
    artifacts[name] = { digest: keep(bytes), size: bytes.byteLength, refs: [...new Set(refs)] };
  }
  return artifacts;
}

// One blob was found lost; all that this job could ask for next is looked at now, so that one repair round is enough.
function lostBlobs(store: Store, work: Work, found: ReadonlyMap<Digest, Lost>): LostBlob[] {
  const lost = new Map(found);
  for (const artifacts of Object.values(work.inputs)) {
    for (const artifact of artifacts) {
      for (const digest of [artifact.digest, ...artifact.refs]) if (!lost.has(digest) && !store.has(digest)) lost.set(digest, 'missing');
    }
  }
  return [...lost].map(([digest, why]) => ({ digest, why }));
}
