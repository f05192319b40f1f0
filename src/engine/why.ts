// Why a job ran: the recipes before and now, field by field; where an input changed, the job that made it, and on upstream to what nobody
// made: an option, a file, axbuild's own code.
import type { Digest, Key } from '../base/digest.ts';
import { recipeChanges, type Change, type InputChange } from './changes.ts';
import type { Past, PastJob } from './past.ts';
import { readRecipe, type Recipe } from './recipe.ts';
import type { Receipt, Store } from './store.ts';

export type { Change } from './changes.ts';

/** Who made bytes: a job, by its name, or a file. */
export type Origin = { readonly kind: 'job'; readonly name: string } | { readonly kind: 'source'; readonly path: string } | { readonly kind: 'unknown' };

export interface ChangedInput {
  /** 'structure', 'menus[3]' */
  readonly name: string;
  readonly now: Origin | undefined;
  readonly was: Origin | undefined;
}

export interface Cause {
  /** Jobs from the one where the cause entered to the one asked for. */
  readonly path: readonly PastJob[];
  readonly changes: readonly Change[];
  /** Files whose content changed. */
  readonly sources: readonly string[];
  /** Inputs that other jobs make now than before, although those didn't change. */
  readonly rewired: readonly ChangedInput[];
  /** The first build with this job in it. */
  readonly isNew: boolean;
}

export interface Why {
  readonly job: PastJob;
  /** Its recipe differs from the build before: this is why. Empty where nothing differs, or nothing is known of before. */
  readonly inputs: readonly ChangedInput[];
  readonly causes: readonly Cause[];
  /** What entered elsewhere in that build: it may have decided which jobs there are, and how they are wired. */
  readonly elsewhere: readonly Cause[];
  readonly recipe: 'first' | 'changed' | 'same' | 'not asked for' | 'forgotten';
}

export function explain(store: Store, past: Past, job: PastJob): Why {
  const whole = (recipe: Why['recipe']): Why => ({ job, recipe, inputs: [], causes: [], elsewhere: [] });
  if (job.asked < past.build) return whole('not asked for');
  if (job.since < past.build) return whole('same');
  const tracer = new Tracer(store, past);
  if (job.before === null) return { ...whole('first'), elsewhere: tracer.elsewhere([]) };
  const changes = tracer.changesOf(job);
  if (changes === undefined) return whole('forgotten');
  const causes = tracer.causesOf(job);
  return { job, recipe: 'changed', inputs: changes.inputs.map((input) => tracer.named(input, job)), causes, elsewhere: tracer.elsewhere(causes) };
}

/** Every job of one task that made the bytes, under every name. */
type Makers = ReadonlyMap<Digest, readonly PastJob[]>;

class Tracer {
  private readonly store: Store;
  private readonly past: Past;
  private readonly makers: Makers;
  private readonly makersBefore: Makers;
  private readonly sources: ReadonlyMap<Digest, string>;

  constructor(store: Store, past: Past) {
    this.store = store;
    this.past = past;
    this.makers = this.makersBy((job) => job.key);
    this.makersBefore = this.makersBy((job) => (job.since === past.build ? job.before : job.key));
    this.sources = new Map(Object.entries(past.sources).map(([path, digest]) => [digest, path]));
  }

  changesOf({ key, before }: PastJob): ReturnType<typeof recipeChanges> | undefined {
    const [now, was] = [this.recipe(key), this.recipe(before)];
    return now === undefined || was === undefined ? undefined : recipeChanges(was, now);
  }

  /** Breadth first: the path to each cause is the shortest. */
  causesOf(job: PastJob): Cause[] {
    const causes: Cause[] = [];
    const seen = new Set([job.key]);
    for (let paths: (readonly PastJob[])[] = [[job]]; paths.length > 0; ) {
      const next: (readonly PastJob[])[] = [];
      for (const path of paths) {
        const { cause, makers } = this.look(path[0]!);
        if (cause !== undefined) causes.push({ ...cause, path });
        for (const maker of makers) {
          if (seen.has(maker.key)) continue;
          seen.add(maker.key);
          next.push([maker, ...path]);
        }
      }
      paths = next;
    }
    return causes;
  }

  /** Options, code and files that changed at other jobs. */
  elsewhere(causes: readonly Cause[]): Cause[] {
    const told = new Set(causes.map(({ path }) => path[0]));
    return this.past.jobs
      .filter((job) => job.since === this.past.build && job.before !== null && !told.has(job))
      .flatMap((job) => {
        const { cause } = this.look(job);
        return cause === undefined || cause.changes.length + cause.sources.length === 0 ? [] : [{ ...cause, path: [job] }];
      });
  }

  /** Of several names for one maker the one that both sides share, or that is the reader's own, says most. */
  named({ name, now, was }: InputChange, reader: PastJob): ChangedInput {
    const [makers, before] = [(now && this.makers.get(now)) ?? [], (was && this.makersBefore.get(was)) ?? []];
    const maker = makers.find((one) => one.label === reader.label) ?? makers.find((one) => before.some((other) => other.label === one.label)) ?? makers[0];
    return { name, now: now && this.originOf(now, maker), was: was && this.originOf(was, before.find((one) => one.label === maker?.label) ?? before[0]) };
  }

  /** What entered with this job, and the jobs whose changes it passes on. */
  private look(job: PastJob): { cause: Omit<Cause, 'path'> | undefined; makers: PastJob[] } {
    const nothing = { changes: [], sources: [], rewired: [], isNew: false };
    if (job.before === null) return { cause: { ...nothing, isNew: true }, makers: [] };
    const changed = this.changesOf(job);
    if (changed === undefined) return { cause: undefined, makers: [] };
    const makers: PastJob[] = [];
    const sources = new Set<string>();
    const rewired: ChangedInput[] = [];
    for (const input of changed.inputs) {
      const names = (input.now && this.makers.get(input.now)) ?? [];
      const maker = names.find((one) => one.since === this.past.build && one.label === job.label) ?? names.find((one) => one.since === this.past.build);
      if (maker !== undefined) makers.push(maker);
      else if (input.now !== undefined && this.sources.has(input.now)) sources.add(this.sources.get(input.now)!);
      else rewired.push(this.named(input, job));
    }
    const isCause = changed.changes.length + sources.size + rewired.length > 0;
    return { cause: isCause ? { ...nothing, changes: changed.changes, sources: [...sources], rewired } : undefined, makers };
  }

  private originOf(digest: Digest, maker: PastJob | undefined): Origin {
    if (maker !== undefined) return { kind: 'job', name: `${maker.task} ${maker.label}` };
    const path = this.sources.get(digest);
    return path === undefined ? { kind: 'unknown' } : { kind: 'source', path };
  }

  /** Who first made each blob, in the order in which jobs were asked for: later ones may only pass it on. */
  private makersBy(keyOf: (job: PastJob) => Key | null): Makers {
    const jobs = this.past.jobs.filter((job) => keyOf(job) !== null);
    const makers = new Map<Digest, PastJob[]>();
    this.store.receipts(jobs.map((job) => keyOf(job)!)).forEach((receipt, i) => {
      if (typeof receipt === 'string') return;
      const job = jobs[i]!;
      for (const digest of digestsOf(receipt)) {
        const known = makers.get(digest);
        if (known === undefined) makers.set(digest, [job]);
        else if (known[0]!.task === job.task) known.push(job);
      }
    });
    return makers;
  }

  private recipe(key: Key | null): Recipe | undefined {
    return key === null ? undefined : readRecipe(this.store.recipe(key) ?? this.past.recipes[key]);
  }
}

function digestsOf(receipt: Receipt): Digest[] {
  return [...new Set(Object.values(receipt.outputs).flatMap(({ digest, refs }) => [digest, ...refs]))];
}
