// `axbuild plan`: what a build would run, found out without running anything.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { buildModel } from '../../tasks/pipeline.ts';
import { Fault, Faults } from '../base/fault.ts';
import { estimateOf } from '../engine/estimate.ts';
import { lineageOf } from '../engine/lineage.ts';
import { readPast } from '../engine/past.ts';
import { startPlan } from '../engine/plan.ts';
import { planText } from '../ui/plan.ts';
import type { Arguments } from './arguments.ts';
import { ask } from './ask.ts';
import { pastName } from './build-goal.ts';
import { goalsOf, type Goal } from './goals.ts';
import { locate } from './locate.ts';

export async function plan(given: Arguments, home: string): Promise<0> {
  const asked = ask(given, home);
  const goals = goalsOf(asked);
  const workers = Number(given.options['jobs'] ?? availableParallelism());
  // Where nothing was built yet, a plan makes no cache.
  const store = existsSync(join(asked.cache, 'v1')) ? await openLmdbStore({ folder: asked.cache, role: 'worker' }) : openMemoryStore();
  try {
    const planning = startPlan({ store, code: asked.tool, workspace: asked.workspace });
    for (const goal of goals) {
      const past = readPast(asked.cache, pastName(goal, asked));
      const found = await located(goal, planning.follow((build) => buildModel(build, goal), past));
      const estimate = estimateOf(found.jobs, past && lineageOf(store, past), workers);
      process.stdout.write(planText({ goal: goal.name, plan: found, all: 'all' in given.options, estimate }));
    }
  } finally {
    await store.close();
  }
  return 0;
}

/** Faults of the configuration at the user's lines. */
async function located<T>(goal: Goal, work: Promise<T>): Promise<T> {
  const at = ({ parts }: Fault): Fault => new Fault({ ...parts, ...(parts.place && { place: locate(parts.place, goal) }) });
  try {
    return await work;
  } catch (error) {
    if (error instanceof Faults) throw new Faults(error.faults.map(at));
    throw error instanceof Fault ? at(error) : error;
  }
}
