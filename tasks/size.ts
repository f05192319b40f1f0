// A size of the network: its inputs' shapes, and how many samples at once. What is quantised is quantised at the model's own size; a size
// takes that over and has programs of its own.
import type { Build } from '../src/engine/build.ts';
import type { Artifact } from '../src/engine/task.ts';
import { batch } from './batch.ts';
import { fuse } from './fuse.ts';
import type { ModelGoal } from './goal.ts';
import { refit } from './refit.ts';
import { sample } from './sample.ts';

export interface Size {
  /** In labels: '' for the model's own size, 'b4', 'g1', 'g1 b4'. */
  readonly label: string;
  readonly graph: Artifact;
  readonly network: Artifact;
  readonly resolved: Artifact;
  /** Of every edge: what checks run on. */
  readonly samples: Artifact;
}

/** How jobs of a size are called. */
export function labelOf({ name }: ModelGoal, label: string): string {
  return label === '' ? name : `${name} ${label}`;
}

/** What turns a graph of other shapes into a size: the requests of the model's own, but for the graph. */
export interface Sizing {
  readonly base: Size;
  readonly fuse: { readonly options: object; readonly uses: readonly string[] };
  readonly sample: { readonly options: object; readonly entries: readonly (readonly Artifact[])[] };
}

/** `graph` computes what the base does, at other shapes. `samples`: how many the first dimension holds. */
export async function sizeOf(build: Build, goal: ModelGoal, { graph, label, samples, sizing }: { graph: Artifact; label: string; samples: number; sizing: Sizing }): Promise<Size> {
  const { base, sample: { options, entries } } = sizing;
  const called = labelOf(goal, label);
  const { network } = await build.run(fuse, { label: called, ...sizing.fuse, inputs: { graph } });
  const [{ network: resolved }, { tensors }] = await Promise.all([
    build.run(refit, { label: called, inputs: { base: base.network, network: network!, resolved: base.resolved } }),
    build.run(sample, { label: called, options, inputs: { graph, network: network!, entries: Array.from({ length: samples }, (_, n) => entries[n % entries.length]!).flat() } }),
  ]);
  return { label, graph, network: network!, resolved: resolved!, samples: tensors! };
}

/** The same at `samples` samples. */
export async function batchOf(build: Build, goal: ModelGoal, { size, samples, sizing, uses }: { size: Size; samples: number; sizing: Sizing; uses: readonly string[] }): Promise<Size> {
  if (samples === 1) return size;
  const label = `${size.label} b${samples}`.trim();
  const { graph } = await build.run(batch, {
    label: labelOf(goal, label),
    options: { batch: samples, fix: !goal.config.compiler.disable_ir_fix },
    inputs: { graph: size.graph },
    uses,
  });
  return sizeOf(build, goal, { graph: graph!, label, samples, sizing });
}
