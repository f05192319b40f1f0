// A dry run. A Build that answers what the store has and notes what it lacks: such a job will run, and its outputs stand for bytes that nobody
// knows yet. The story goes on with them; a job that reads one may run, if the bytes turn out new. Where the story itself must read one, it
// stops: what lies behind is known only from the last build.
import { digestOf, type Digest, type Key } from '../base/digest.ts';
import type { Build, Outputs, Request } from './build.ts';
import { prepare, type CodeDigests, type Prepared } from './recipe.ts';
import { Sources } from './sources.ts';
import type { Past } from './past.ts';
import type { Lost, Store } from './store.ts';
import type { AnyTask, Artifact } from './task.ts';

export type Fate = 'hit' | 'will run' | 'may run';

export interface PlannedJob {
  readonly task: string;
  readonly label: string;
  /** Other names of the same job. */
  readonly also: readonly string[];
  readonly fate: Fate;
  /** The store knows the job, but lost bytes that somebody needs. */
  readonly lost?: Lost;
  /** Jobs that will run, one of which must give other bytes for this one to run. */
  readonly causes: readonly string[];
  /** What it took the last time. */
  readonly ms?: number;
}

export interface Plan {
  /** In the order in which a build would ask for them; then those known from the last build. */
  readonly jobs: readonly PlannedJob[];
  /** Jobs whose output decides what comes next: behind them there may be jobs that no build has seen. Empty when everything is known. */
  readonly stops: readonly string[];
  /** How many of the jobs are known from the last build only. */
  readonly behind: number;
  /** False where no build of the goal is remembered: what is behind the stops can't be told. */
  readonly remembered: boolean;
}

export interface PlanningBuild extends Build {
  /** Follows a goal's story as far as it can be known. Throws what the story throws, the stop excepted. */
  follow(story: (build: Build) => Promise<unknown>, past: Past | undefined): Promise<Plan>;
}

interface Entry extends Prepared {
  readonly task: AnyTask;
  readonly labels: string[];
  fate: Fate;
  lost?: Lost;
  readonly causes: ReadonlySet<string>;
  /** Whether the store has said what its outputs are. */
  readonly known: boolean;
  readonly outputs: Outputs;
}

/** Thrown where the story reads what nobody knows yet. */
class Stop extends Error {}

export function startPlan({ store, code, workspace }: { readonly store: Store; readonly code: CodeDigests; readonly workspace: string }): PlanningBuild {
  // Looks at files as a build does, and keeps nothing.
  const sources = new Sources({ store: { ...store, keep: async () => {}, stamp: async () => {} }, workspace });
  const entries = new Map<Key, Entry>();
  const makers = new Map<Digest, Entry>();
  const stops = new Set<string>();
  let opening = 0;

  const build: Build = {
    run: async (task, request) => want(task, [request])[0]!.outputs,
    map: async (task, requests) => want(task, requests).map((entry) => entry.outputs),
    async read({ digest }) {
      const maker = makers.get(digest);
      if (maker === undefined || maker.known) {
        const bytes = store.blob(digest);
        if (typeof bytes !== 'string') return bytes;
        if (maker === undefined) throw new Error(`BUG: nothing in this plan made blob ${digest}`);
        lose(maker, { fate: 'will run', why: bytes });
      }
      stops.add(nameOf(maker));
      throw new Stop(`${nameOf(maker)} must run first`);
    },
    async source(path) {
      opening++;
      try {
        return (await sources.open(path)).artifact;
      } finally {
        opening--;
      }
    },
  };
  return { ...build, follow };

  async function follow(story: (build: Build) => Promise<unknown>, past: Past | undefined): Promise<Plan> {
    const first = entries.size;
    stops.clear();
    try {
      await story(build);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      // What goes on beside the part that stopped: its files are read in turns of the event loop, the rest follows at once.
      for (let quiet = 0; quiet < 3; quiet = opening > 0 ? 0 : quiet + 1) await new Promise((done) => setImmediate(done));
    }
    const asked = [...entries.values()].slice(first).map(planned);
    if (stops.size === 0) return { jobs: asked, stops: [], behind: 0, remembered: past !== undefined };
    const known = new Set([...entries.values()].flatMap((entry) => entry.labels.map((label) => `${entry.task.name}\0${label}`)));
    const behind = (past?.jobs ?? [])
      .filter(({ task, label }) => !known.has(`${task}\0${label}`))
      .map(({ task, label }): PlannedJob => ({ task, label, also: [], fate: 'may run', causes: [...stops], ...timeOf(task, label) }));
    return { jobs: [...asked, ...behind], stops: [...stops], behind: behind.length, remembered: past !== undefined };
  }

  function want(task: AnyTask, requests: readonly Request[]): Entry[] {
    const prepared = requests.map((request) => prepare(code, task, request));
    const fresh = [...new Set(prepared.map(({ work }) => work.key))].filter((key) => !entries.has(key));
    const receipts = new Map(store.receipts(fresh).map((receipt, i) => [fresh[i]!, receipt]));
    return prepared.map((one, i) => {
      const { label } = requests[i]!;
      const known = entries.get(one.work.key);
      if (known !== undefined) {
        if (!known.labels.includes(label)) known.labels.push(label);
        return known;
      }
      const entry = entryOf(one, { task, label, receipt: receipts.get(one.work.key)! });
      entries.set(one.work.key, entry);
      for (const { digest, refs } of Object.values(entry.outputs)) for (const made of [digest, ...refs]) if (!makers.has(made)) makers.set(made, entry);
      return entry;
    });
  }

  function entryOf(prepared: Prepared, { task, label, receipt }: { task: AnyTask; label: string; receipt: ReturnType<Store['receipts']>[number] }): Entry {
    const inputs = Object.values(prepared.work.inputs).flat();
    const unknown = inputs.flatMap(({ digest }) => makers.get(digest) ?? []).filter((maker) => !maker.known);
    if (typeof receipt !== 'string') return { ...prepared, task, labels: [label], fate: 'hit', causes: new Set(), known: true, outputs: receipt.outputs };
    const fate = unknown.length > 0 ? 'may run' : 'will run';
    const causes = new Set(unknown.flatMap((maker) => (maker.fate === 'will run' ? [nameOf(maker)] : [...maker.causes])));
    needed(inputs, fate);
    const outputs = Object.fromEntries(task.outputs.map((name): [string, Artifact] => [name, { digest: digestOf(`unknown ${prepared.work.key} ${name}`), size: 0, refs: [] }]));
    return { ...prepared, task, labels: [label], fate, causes, known: false, outputs, ...(receipt === 'corrupt' && { lost: receipt }) };
  }

  /** A job that runs reads its inputs: what the store lost of them is made again. */
  function needed(inputs: readonly Artifact[], fate: Fate): void {
    for (const { digest, refs } of inputs) {
      for (const one of [digest, ...refs]) {
        const maker = makers.get(one);
        if (maker?.fate === 'hit' && !store.has(one)) lose(maker, { fate, why: 'missing' });
      }
    }
  }

  /** The bytes it makes again are the ones that are known. */
  function lose(entry: Entry, { fate, why }: { fate: Fate; why: Lost }): void {
    entry.fate = fate;
    entry.lost = why;
    needed(Object.values(entry.work.inputs).flat(), fate);
  }

  function planned({ task: { name: task }, labels: [label = '', ...also], fate, lost, causes }: Entry): PlannedJob {
    return { task, label, also, fate, causes: [...causes], ...(lost && { lost }), ...timeOf(task, label) };
  }

  function timeOf(task: string, label: string): { ms?: number } {
    const ms = store.lastRun({ task, label })?.ms;
    return ms === undefined ? {} : { ms };
  }
}

function nameOf({ task, labels }: Entry): string {
  return `${task.name} ${labels[0]!}`;
}
