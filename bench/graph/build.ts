// What the program does when something changed: sources, ten maps, the outputs put where they belong, the goal record.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { digestOf } from '../../src/base/digest.ts';
import { inProcess } from '../../src/engine/executor.ts';
import { writeGoal, type Circumstances, type GoalRecord } from '../../src/engine/goal.ts';
import { publishOutputs } from '../../src/engine/outputs.ts';
import { openPool } from '../../src/engine/pool.ts';
import { startBuild } from '../../src/engine/start.ts';
import { mix } from './mix.ts';
import { layers, shapeOf } from './shape.ts';

export interface Plan {
  readonly folder: string;
  readonly cache: string;
  readonly tasks: number;
  readonly circumstances: Circumstances;
  /** Of the goal record. */
  readonly path: string;
  readonly previous?: GoalRecord['outputs'];
}

/** How many tasks ran. */
export async function build({ folder, cache, tasks, circumstances, path, previous }: Plan): Promise<number> {
  const pool = openPool({ entry: fileURLToPath(new URL('worker.js', import.meta.url)), args: [cache] });
  pool.warm();
  const store = await openLmdbStore({ folder: cache });
  const light = inProcess({ store, tasks: { mix: async () => mix } });
  const running = startBuild({ store, code: { tasks: { mix: digestOf('mix') }, members: {} }, executor: pool.client(), light, workspace: folder, sweeps: false, emit: () => undefined });
  const { width, inputsOf } = shapeOf(tasks);
  const columns = Array.from({ length: width }, (_, column) => column);
  const leaves = columns.map((column) => join(folder, 'leaves', `${column}`));
  let row = await Promise.all(leaves.map((leaf) => running.source(leaf)));
  for (let layer = 0; layer < layers; layer++) {
    const before = row;
    const made = await running.map(mix, columns.map((column) => ({ label: `${layer} ${column}`, options: { column }, inputs: { from: inputsOf(column).map((input) => before[input]!) } })));
    row = made.map((outputs) => outputs['text']!);
  }
  const outputs = row.map((artifact, column) => ({ path: join(folder, 'out', `${column}`), artifact }));
  const { record } = await publishOutputs({ outputs, read: (artifact) => running.read(artifact), ...(previous && { previous }) });
  const sources = await running.stamps(new Set(leaves));
  if (record !== undefined && sources !== undefined) writeGoal(path, { ...circumstances, goal: 'graph', sources, outputs: record });
  await running.close();
  await pool.close();
  await store.close();
  return running.tally()['mix']!.built;
}
