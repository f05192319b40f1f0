// What many scenes add up to: never more than one step off, and no lean to one side.
import assert from 'node:assert/strict';
import { Random, seed, soak } from './random.ts';
import { play, type Outcome, type Scene } from './rig.ts';

export interface TallyOptions {
  readonly name: string;
  readonly scene: (random: Random, i: number) => Scene;
  readonly count?: number;
  /** Below this many elements a mean says nothing. */
  readonly enough?: number;
}

/** Plays `count` scenes (four times as many in a soak) and holds all of them to docs/integer-spec.md §7. */
export async function tally({ name, scene, count = 12, enough = 20_000 }: TallyOptions): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const total = new Map<number, number>();
  for (let i = 0; i < (soak ? 4 * count : count); i++) {
    const caseSeed = seed * 1000 + i;
    const random = new Random(caseSeed);
    const made = scene(random, i);
    const outcome = await play(made, random);
    outcomes.push(outcome);
    const worst = Math.max(...[...outcome.histogram.keys()].map(Math.abs));
    assert.ok(worst <= 1, `${name}, SEED=${seed} case ${i}: ${worst} steps off: ${describe(outcome.histogram)}\n${JSON.stringify(made)}`);
    for (const [step, times] of outcome.histogram) total.set(step, (total.get(step) ?? 0) + times);
  }
  const elements = [...total.values()].reduce((a, b) => a + b, 0);
  const lean = [...total].reduce((sum, [step, times]) => sum + step * times, 0) / elements;
  if (elements >= enough) assert.ok(Math.abs(lean) < 0.01, `${name}, SEED=${seed}: leans by ${lean} steps: ${describe(total)}`);
  if (process.env.SHOW === '1') process.stderr.write(`${name}: ${describe(total)}, mean ${lean.toExponential(1)}\n`);
  return outcomes;
}

function describe(histogram: ReadonlyMap<number, number>): string {
  const sum = [...histogram.values()].reduce((a, b) => a + b, 0);
  return [...histogram].sort(([a], [b]) => a - b).map(([step, times]) => `${step}: ${times} (${((100 * times) / sum).toFixed(2)} %)`).join(', ');
}
