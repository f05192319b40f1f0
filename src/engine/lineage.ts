// Who read whose output when a goal was last built: from the file of its jobs, their recipes and their receipts.
import type { Digest, Key } from '../base/digest.ts';
import type { Outcome } from './events.ts';
import type { Past } from './past.ts';
import { readRecipe } from './recipe.ts';
import type { Store } from './store.ts';

export interface LineageJob {
  readonly task: string;
  /** The first of its names. */
  readonly label: string;
  readonly also: readonly string[];
  readonly outcome: Outcome;
  /** What it took when it ran; undefined: the store has forgotten it, or it never came to its end. */
  readonly ms?: number;
}

/** A member of `jobs` or, by path, of `sources`. */
export type Maker = { readonly kind: 'job'; readonly index: number } | { readonly kind: 'source'; readonly path: string };

export interface Reading {
  readonly from: Maker;
  /** Index of the job that reads. */
  readonly to: number;
  /** 'structure' */
  readonly input: string;
}

export interface Lineage {
  /** In the order in which they were asked for. */
  readonly jobs: readonly LineageJob[];
  readonly sources: readonly string[];
  readonly readings: readonly Reading[];
}

export function lineageOf(store: Pick<Store, 'receipts' | 'recipe'>, past: Past): Lineage {
  const names = new Map<Key, Past['jobs'][number][]>();
  for (const job of past.jobs.filter(({ asked }) => asked === past.build)) names.set(job.key, [...(names.get(job.key) ?? []), job]);
  const keys = [...names.keys()];
  const receipts = store.receipts(keys);
  const jobs = keys.map((key, i): LineageJob => {
    const [{ task, label, outcome }, ...others] = names.get(key) as [Past['jobs'][number], ...Past['jobs'][number][]]; // each key came with a job
    const receipt = receipts[i]!;
    return { task, label, also: others.map((job) => job.label), outcome, ...(typeof receipt !== 'string' && { ms: receipt.ms }) };
  });
  const files = new Map(Object.entries(past.sources).map(([path, digest]) => [digest, path]));
  const makers = new Map<Digest, number[]>();
  receipts.forEach((receipt, index) => {
    if (typeof receipt === 'string') return;
    for (const { digest, refs } of Object.values(receipt.outputs)) {
      for (const made of [digest, ...refs]) makers.set(made, [...(makers.get(made) ?? []), index]);
    }
  });
  const readings = keys.flatMap((key, to): Reading[] => {
    const recipe = readRecipe(store.recipe(key) ?? past.recipes[key]);
    return Object.entries(recipe?.inputs ?? {}).flatMap(([input, digests]) => {
      const list = [digests].flat();
      const paths = new Set(list.flatMap((digest) => files.get(digest) ?? []));
      const indexes = makersOf(list.filter((digest) => !files.has(digest)).map((digest) => (makers.get(digest) ?? []).filter((index) => index < to)), { jobs, reader: jobs[to]! });
      return [...[...paths].map((path): Maker => ({ kind: 'source', path })), ...indexes.map((index): Maker => ({ kind: 'job', index }))].map((from) => ({ from, to, input }));
    });
  });
  const sources = new Set(readings.flatMap(({ from }) => (from.kind === 'source' ? [from.path] : [])));
  return { jobs, sources: [...sources], readings };
}

/**
 * Which jobs handed an input on: of each of its artifacts, one of those that made the same bytes. One of the task that made most of the input, the job
 * of the reader's own name before others, then the first: later ones may only pass it on.
 */
function makersOf(candidates: readonly (readonly number[])[], { jobs, reader }: { readonly jobs: readonly LineageJob[]; readonly reader: LineageJob }): number[] {
  const counts = new Map<string, number>();
  for (const indexes of candidates) for (const task of new Set(indexes.map((index) => jobs[index]!.task))) counts.set(task, (counts.get(task) ?? 0) + 1);
  const rank = (index: number): number => counts.get(jobs[index]!.task)! + ([jobs[index]!.label, ...jobs[index]!.also].includes(reader.label) ? 0.5 : 0);
  return [...new Set(candidates.flatMap((indexes) => (indexes.length === 0 ? [] : [indexes.reduce((best, index) => (rank(index) > rank(best) ? index : best))])))];
}
