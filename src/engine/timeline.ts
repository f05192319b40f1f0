// What a build did when and where, and its critical path: no number of workers would have made it shorter.
import type { Outcome } from './events.ts';
import type { Entry, Ledger, Run } from './ledger.ts';

/** Milliseconds since the build began. */
export interface Span {
  readonly task: string;
  readonly label: string;
  readonly outcome: Outcome;
  /** Process id of the worker; 0: the building process. */
  readonly lane: number;
  readonly startMs: number;
  readonly ms: number;
  readonly isCritical: boolean;
}

export interface Hit {
  readonly task: string;
  readonly label: string;
  readonly atMs: number;
  /** What it took when it ran. */
  readonly savedMs: number;
}

export interface Timeline {
  /** In the order of their starts. */
  readonly spans: readonly Span[];
  readonly hits: readonly Hit[];
  /** The longest chain of jobs, each of which reads what the one before it made; first to last. */
  readonly critical: { readonly ms: number; readonly jobs: readonly { readonly task: string; readonly label: string; readonly ms: number }[] };
}

export function timelineOf(ledger: Pick<Ledger, 'entries' | 'runs' | 'producerOf'>): Timeline {
  const critical = criticalPath([...ledger.entries.values()], (digest) => ledger.producerOf(digest));
  const onPath = new Set(critical);
  const spans = timesOf(ledger.runs).map(({ run, ...when }): Span => {
    const { entry, lane } = run;
    return { ...nameOf(entry), outcome: entry.outcome ?? 'skipped', lane, ...when, isCritical: onPath.has(entry) && entry.run === run };
  });
  const hits = [...ledger.entries.values()].flatMap((entry): Hit[] => (entry.outcome === 'hit' && entry.found !== undefined ? [{ ...nameOf(entry), ...entry.found }] : []));
  return {
    spans: spans.sort((a, b) => a.startMs - b.startMs),
    hits,
    critical: { ms: critical.reduce((sum, entry) => sum + msOf(entry), 0), jobs: critical.map((entry) => ({ ...nameOf(entry), ms: msOf(entry) })) },
  };
}

interface RunTimes {
  readonly run: Run;
  readonly startMs: number;
  readonly ms: number;
}

/** A worker gets short jobs several in one go and answers for all of them: within its lane one runs after the other. A run without an answer died with its worker, and its job ran again. */
function timesOf(runs: readonly Run[]): RunTimes[] {
  const ends = new Map<number, number>();
  return runs.flatMap((run): RunTimes[] => {
    const { entry, lane, handedMs, answeredMs } = run;
    if (answeredMs === undefined) return [];
    const startMs = Math.min(Math.max(handedMs, ends.get(lane) ?? 0), answeredMs);
    const most = answeredMs - startMs;
    const ms = entry.outcome === 'built' && entry.run === run ? Math.min(entry.ms, most) : most;
    ends.set(lane, startMs + ms);
    return [{ run, startMs, ms }];
  });
}

/** Jobs are asked for when what they read is known: makers come before readers. */
function criticalPath(entries: readonly Entry[], producerOf: Ledger['producerOf']): Entry[] {
  const chains = new Map<Entry, { readonly ms: number; readonly before: Entry | undefined }>();
  let last: Entry | undefined;
  for (const entry of entries) {
    let longest = { ms: 0, before: undefined as Entry | undefined };
    for (const { digest } of Object.values(entry.work.inputs).flat()) {
      const producer = producerOf(digest);
      const ms = producer?.kind === 'job' ? (chains.get(producer.entry)?.ms ?? 0) : 0;
      if (producer?.kind === 'job' && ms > longest.ms) longest = { ms, before: producer.entry };
    }
    const ms = longest.ms + msOf(entry);
    chains.set(entry, { ms, before: longest.before });
    if (ms > (last === undefined ? 0 : chains.get(last)!.ms)) last = entry;
  }
  const path: Entry[] = [];
  for (let at = last; at !== undefined; at = chains.get(at)?.before) if (msOf(at) > 0) path.unshift(at);
  return path;
}

function msOf({ outcome, ms, run }: Entry): number {
  if (outcome === 'built') return ms;
  return outcome === 'failed' && run?.answeredMs !== undefined ? run.answeredMs - run.handedMs : 0;
}

function nameOf({ task, label }: Entry): { readonly task: string; readonly label: string } {
  return { task: task.name, label };
}
