// What many scenes add up to: never more than one step off, and no lean to one side.
import assert from 'node:assert/strict';
import { Random, seed, soak } from './random.ts';
import { play, type Outcome, type Scene } from './rig.ts';

export interface TallyOptions {
  readonly name: string;
  readonly scene: (random: Random, i: number) => Scene;
  readonly count?: number;
}

/** Below this many different values a mean says nothing. */
const large = 2_000;

/** Plays `count` scenes (four times as many in a soak) and holds all of them to docs/integer-spec.md §7. SHOW=1 prints what was found. */
export async function tally({ name, scene, count = 12 }: TallyOptions): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const total = new Map<number, number>();
  for (let i = 0; i < (soak ? 4 * count : count); i++) {
    const random = new Random(seed * 1000 + i);
    const made = scene(random, i);
    const { kind, attributes, inputs, output } = made;
    const where = `${name}, SEED=${seed} case ${i} ${JSON.stringify({ kind, attributes, inputs, output })}`;
    const outcome = await play(made, random);
    outcomes.push(outcome);
    const { histogram } = outcome;
    const worst = Math.max(...[...histogram.keys()].map(Math.abs));
    assert.ok(worst <= 1, `${where}: ${worst} steps off: ${describe(histogram)}`);
    const distinct = onceEach(outcome);
    if (sizeOf(distinct) >= large) assert.ok(Math.abs(meanOf(distinct)) < 0.01, `${where}: leans to one side: ${describe(distinct)}`);
    for (const [step, times] of histogram) total.set(step, (total.get(step) ?? 0) + times);
  }
  if (process.env.SHOW === '1') process.stderr.write(`${name}: ${describe(total)}\n`);
  return outcomes;
}

/** The histogram with every real value counted once: one that is repeated a thousand times may happen to lie on a tie. */
function onceEach({ codes, expected, floats }: Outcome): ReadonlyMap<number, number> {
  const seen = new Set<number>();
  const histogram = new Map<number, number>();
  floats.forEach((real, i) => {
    if (seen.has(real)) return;
    seen.add(real);
    const step = codes.data[i]! - expected[i]!;
    histogram.set(step, (histogram.get(step) ?? 0) + 1);
  });
  return histogram;
}

function meanOf(histogram: ReadonlyMap<number, number>): number {
  return [...histogram].reduce((sum, [step, times]) => sum + step * times, 0) / sizeOf(histogram);
}

function sizeOf(histogram: ReadonlyMap<number, number>): number {
  return [...histogram.values()].reduce((a, b) => a + b, 0);
}

function describe(histogram: ReadonlyMap<number, number>): string {
  const steps = [...histogram].sort(([a], [b]) => a - b).map(([step, times]) => `${step}: ${times} (${((100 * times) / sizeOf(histogram)).toFixed(2)} %)`);
  return `${steps.join(', ')}, mean ${meanOf(histogram).toExponential(1)}`;
}
