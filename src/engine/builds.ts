// The history's builds: which one is meant, and what differs between two of them, goal by goal.
import { byCodeUnit, canonical, type Json } from '../base/canonical.ts';
import { Fault } from '../base/fault.ts';
import type { BuildRecord, GoalNote } from './store.ts';

/** '42', 'last', 'last~1'. `builds`: the newest first. Throws a Fault for one that isn't there. */
export function findBuild(builds: readonly BuildRecord[], text: string): BuildRecord {
  const [, number, back = '0'] = /^(?:(\d+)|last(?:~(\d+))?)$/.exec(text) ?? refuse(builds, `"${text}" names no build`);
  const found = number === undefined ? builds[Number(back)] : builds.find((build) => build.number === Number(number));
  return found ?? refuse(builds, `no build ${text} is remembered`);
}

/** What a goal was as of a build: in a build that found it unchanged, what the one before it made. */
export function goalAsOf(builds: readonly BuildRecord[], { number, goal }: { readonly number: number; readonly goal: string }): GoalNote | undefined {
  return builds
    .filter((build) => build.number <= number)
    .flatMap(({ goals }) => goals.filter((note) => note.goal === goal && note.outcome !== 'unchanged' && note.outcome !== 'skipped'))[0];
}

export interface Difference<Value> {
  readonly name: string;
  /** Absent: there was, or there is, none. */
  readonly was?: Value;
  readonly now?: Value;
}

type Output = NonNullable<GoalNote['outputs']>[string];

export interface GoalDifference {
  readonly goal: string;
  /** Absent: it was not built yet, or is not built any more. */
  readonly was?: GoalNote;
  readonly now?: GoalNote;
  readonly settings: readonly Difference<Json>[];
  /** Empty where one of the two did not come to its end: there is nothing to compare. */
  readonly numbers: readonly Difference<number>[];
  readonly outputs: readonly Difference<Output>[];
}

export interface BuildDifference {
  readonly from: BuildRecord;
  readonly to: BuildRecord;
  readonly goals: readonly GoalDifference[];
}

/** `builds`: all of the workspace, the newest first. */
export function differenceOf(builds: readonly BuildRecord[], from: BuildRecord, to: BuildRecord): BuildDifference {
  const names = new Set([from, to].flatMap(({ goals }) => goals.map(({ goal }) => goal)));
  const goals = [...names].map((goal): GoalDifference => {
    const [was, now] = [from, to].map(({ number }) => goalAsOf(builds, { number, goal }));
    const areWhole = was?.outcome === 'built' && now?.outcome === 'built';
    return {
      goal, ...(was && { was }), ...(now && { now }),
      settings: was && now ? differing(was.settings, now.settings) : [],
      numbers: areWhole ? differing(was.numbers, now.numbers) : [],
      outputs: areWhole ? differing(was.outputs, now.outputs) : [],
    };
  });
  return { from, to, goals };
}

function differing<Value extends Json>(was: Readonly<Record<string, Value>> = {}, now: Readonly<Record<string, Value>> = {}): Difference<Value>[] {
  return [...new Set([...Object.keys(was), ...Object.keys(now)])].sort(byCodeUnit).flatMap((name): Difference<Value>[] => {
    const a: Value | undefined = was[name];
    const b: Value | undefined = now[name];
    if (a === undefined) return b === undefined ? [] : [{ name, now: b }];
    if (b === undefined) return [{ name, was: a }];
    return canonical(a) === canonical(b) ? [] : [{ name, was: a, now: b }];
  });
}

function refuse(builds: readonly BuildRecord[], what: string): never {
  const range = builds.length === 0 ? 'none yet' : `${builds.at(-1)!.number} to ${builds[0]!.number}`;
  throw new Fault({ exit: 2, what, facts: [['builds', range], ['like', '42, last, last~1'], ['see', 'axbuild history']] });
}
