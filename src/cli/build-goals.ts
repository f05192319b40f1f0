// Builds goals one after the other in one engine: resolve, preflight, pipeline, publish, record.
import { join, relative } from 'node:path';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { buildModel, type ModelGoal } from '../../tasks/pipeline.ts';
import { Fault, Faults, faultText, type Place } from '../base/fault.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import { JobFailed } from '../engine/build.ts';
import type { Event, Exit, GoalOutcome } from '../engine/events.ts';
import { goalPath, readGoal, writeGoal, type GoalRecord } from '../engine/goal.ts';
import { checkWritable, publishOutputs } from '../engine/outputs.ts';
import { openPool } from '../engine/pool.ts';
import { stampOf, type Stamp } from '../engine/stamp.ts';
import { startBuild, type RunningBuild } from '../engine/start.ts';
import { commandPath, type Asked } from './build.ts';
import { goalsOf, type Goal } from './goals.ts';
import type { OpenView } from './view.ts';

export async function buildGoals(asked: Asked, view: OpenView, began: number): Promise<number> {
  const { cache, workspace, tool, home, given } = asked;
  const jobs = given.options['jobs'] === undefined ? undefined : Number(given.options['jobs']);
  // Workers load their modules while this process reads the configuration.
  const pool = openPool({ entry: join(home, 'worker.js'), args: [cache], ...(jobs !== undefined && { jobs }) });
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const goals = goalsOf(asked);
    checkWritable(goals.flatMap((goal) => outputPaths(goal)));
    pool.warm();
    const store = await openLmdbStore({ folder: cache });
    const code = { tasks: tool.tasks, members: tool.members } as { tasks: Record<string, Digest>; members: Record<string, Digest> };
    view.see({ event: 'build', workspace, goals: goals.map((goal) => goal.name), jobs: jobs ?? 0 });
    const outcomes: Record<string, GoalOutcome> = {};
    let exit: Exit = 0;
    let tally = {};
    const records: GoalRecord[] = [];
    const build = startBuild({ store, code, executor: pool, workspace, emit: (event) => view.see(event), signal: abort.signal });
    try {
      for (const goal of goals) {
        const started = Date.now();
        const made = await buildGoal(build, goal, asked, (event) => view.see(event));
        outcomes[goal.name] = made.outcome;
        if (exit === 0) exit = made.exit;
        if (made.record !== undefined) records.push(made.record);
        view.see({ event: 'goal', goal: goal.name, outcome: made.outcome, written: made.written.map((path) => relative(process.cwd(), path)), seconds: (Date.now() - started) / 1000 });
      }
    } finally {
      await build.close();
      tally = build.tally();
      await store.close();
    }
    if (records.length === goals.length) writeGoal(commandPath(asked), together(asked, records));
    view.see({ event: 'summary', goals: outcomes, tasks: tally, seconds: (Date.now() - began) / 1000 });
    return exit;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    view.close();
    await pool.close();
  }
}

interface Made {
  readonly outcome: GoalOutcome;
  readonly exit: Exit;
  readonly written: readonly string[];
  readonly record?: GoalRecord;
}

async function buildGoal(build: RunningBuild, goal: Goal, asked: Asked, see: (event: Event) => void): Promise<Made> {
  const path = goalPath({ cache: asked.cache, workspace: asked.workspace, goal: goal.name });
  try {
    const published = await buildModel(build, goal);
    const folder = goal.config.output_dir;
    const literal = new Map<Digest, Uint8Array>();
    const outputs = Object.entries(published).map(([name, made]) => {
      if (!(made instanceof Uint8Array)) return { path: join(folder, name), artifact: made };
      const digest = digestOf(made);
      literal.set(digest, made);
      return { path: join(folder, name), artifact: { digest, size: made.byteLength } };
    });
    const previous = readGoal(path)?.outputs;
    const read = async (artifact: { digest: Digest }): Promise<Uint8Array> => literal.get(artifact.digest) ?? build.read(artifact);
    const { written, record: stamped } = await publishOutputs({ outputs, read, ...(previous && { previous }) });
    const stamps = await build.stamps();
    if (stamped === undefined || stamps === undefined) return { outcome: 'built', exit: 0, written };
    const files: Record<string, Stamp> = Object.fromEntries(goal.files.map((file) => [file, stampOf(file)]));
    const record = { ...asked.circumstances, goal: goal.name, sources: { ...stamps, ...files }, outputs: stamped };
    writeGoal(path, record);
    return { outcome: 'built', exit: 0, written, record };
  } catch (error) {
    if (error instanceof JobFailed) return { outcome: error.exit === 130 ? 'interrupted' : 'failed', exit: error.exit, written: [] };
    if (error instanceof Fault || error instanceof Faults) {
      for (const fault of error instanceof Faults ? error.faults : [error]) see({ event: 'fault', text: located(fault, goal), exit: fault.exit });
      return { outcome: 'failed', exit: error.exit, written: [] };
    }
    throw error;
  }
}

/** What a fault says, at the line of the user's file where it names a setting instead of a file. */
function located(fault: Fault, { placeOf }: ModelGoal): string {
  const file = fault.parts.place?.file ?? '';
  const place: Place | undefined = /^(quant|compiler|input_processors)\b/.test(file) ? placeOf(file) : undefined;
  return place === undefined ? fault.message : faultText({ ...fault.parts, place });
}

function outputPaths({ config }: Goal): string[] {
  return [config.output_name, 'frontend/optimized.onnx', 'quant/quant_axmodel.json', 'build_context.json'].map((name) => join(config.output_dir, name));
}

/** One record for the whole command. */
function together(asked: Asked, records: readonly GoalRecord[]): GoalRecord {
  return {
    ...asked.circumstances,
    goal: records.map((record) => record.goal).join(' '),
    sources: Object.assign({}, ...records.map((record) => record.sources)) as GoalRecord['sources'],
    outputs: Object.assign({}, ...records.map((record) => record.outputs)) as GoalRecord['outputs'],
  };
}
