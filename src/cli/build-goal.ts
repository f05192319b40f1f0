// One goal: the pipeline, its files put where the user wants them, and the record that lets the next build skip both.
import { join, resolve } from 'node:path';
import { buildModel } from '../../tasks/pipeline.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import { JobFailed } from '../engine/build.ts';
import { goalPath, readGoal, writeGoal, type GoalRecord } from '../engine/goal.ts';
import { publishOutputs } from '../engine/outputs.ts';
import type { PastName } from '../engine/past.ts';
import { racyFor } from '../engine/stamp.ts';
import type { RunningBuild } from '../engine/start.ts';
import type { Asked } from './ask.ts';
import type { Goal } from './goals.ts';

export interface Made {
  /** Absolute paths of the files that were new, changed or restored. */
  readonly written: readonly string[];
  /** Absent when a file changed meanwhile: the next build looks at everything again. */
  readonly record: GoalRecord | undefined;
  /** What a person judges the result by. */
  readonly numbers: Readonly<Record<string, number>>;
  /** By path below the output folder. */
  readonly outputs: Readonly<Record<string, { readonly digest: Digest; readonly size: number }>>;
}

/** Throws what the pipeline throws; then no output was touched. */
export async function buildGoal(build: RunningBuild, goal: Goal, asked: Asked): Promise<Made> {
  const literal = new Map<Digest, Uint8Array>();
  // Other goals of the build open files of their own.
  const sources = new Set<string>();
  const source: RunningBuild['source'] = (path) => {
    sources.add(resolve(asked.workspace, path));
    return build.source(path);
  };
  const { published, numbers } = await buildModel({ ...build, source }, goal);
  const files = Object.entries(published).map(([name, made]) => {
    const path = join(goal.config.output_dir, name);
    if (!(made instanceof Uint8Array)) return { name, path, artifact: made };
    const digest = digestOf(made);
    literal.set(digest, made);
    return { name, path, artifact: { digest, size: made.byteLength } };
  });
  const previous = recordOf(goal, asked)?.outputs;
  const { written, record: stamped } = await publishOutputs({
    outputs: files,
    read: async (artifact) => literal.get(artifact.digest) ?? build.read(artifact),
    ...(previous && { previous }),
    confirm() {
      if (build.isOver()) throw new JobFailed({ task: 'publish', label: goal.name, outcome: 'skipped', exit: 130 });
    },
  });
  const outputs = Object.fromEntries(files.map(({ name, artifact: { digest, size } }) => [name, { digest, size }]));
  const stamps = await build.stamps(sources);
  // A configuration that was still being edited when this process began may not be what its stamp says.
  const isFresh = Object.values(goal.files).some((stamp) => racyFor(stamp, asked.began) > 0);
  if (stamped === undefined || stamps === undefined || isFresh) return { written, record: undefined, numbers, outputs };
  const record = { ...asked.circumstances, environment: goal.environment, goal: goal.name, sources: { ...stamps, ...goal.files }, outputs: stamped };
  writeGoal(recordPath(goal, asked), record);
  return { written, record, numbers, outputs };
}

/** What the goal's last success left. */
export function recordOf(goal: Goal, asked: Asked): GoalRecord | undefined {
  return readGoal(recordPath(goal, asked));
}

/** Files that any build of the goal writes: what must be possible before the first slow step. */
export function outputPaths({ config: { output_dir, output_name } }: Goal): string[] {
  return [output_name, 'build_context.json', 'frontend/optimized.onnx', 'quant/quant_axmodel.json', 'quant/quant_qdq.onnx'].map((name) => join(output_dir, name));
}

/** Where what is remembered of the goal's jobs lies. */
export function pastName({ name, config }: Goal, { workspace }: Asked): PastName {
  return { workspace, goal: name, place: config.output_dir };
}

// By output folder too: a goal sent elsewhere leaves alone what it made before.
function recordPath({ name, config }: Goal, { cache, workspace }: Asked): string {
  return goalPath({ cache, workspace, goal: `${name}\0${config.output_dir}` });
}
