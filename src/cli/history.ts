// `axbuild history`: the builds of a workspace, what ran in each, and how the numbers moved.
import { Fault, nearest } from '../base/fault.ts';
import { historyText } from '../ui/history.ts';
import type { Arguments } from './arguments.ts';
import { pastBuilds } from './past-builds.ts';

const countByDefault = 20;

export async function history(given: Arguments): Promise<0> {
  const { words, options } = given;
  const builds = await pastBuilds(given);
  const known = new Set(builds.flatMap(({ goals }) => goals.map(({ goal }) => goal)));
  for (const word of words) {
    if (known.has(word)) continue;
    const near = nearest(word, known);
    throw new Fault({ exit: 2, what: `no build of a goal "${word}" is remembered`, facts: [['goals', [...known].join(', ')], ...(near === undefined ? [] : [['try', near] as const])] });
  }
  const isAsked = (goal: string): boolean => words.length === 0 || words.includes(goal);
  const told = builds.filter(({ goals }) => goals.some(({ goal }) => isAsked(goal))).slice(0, Number(options['count'] ?? countByDefault));
  process.stdout.write('json' in options ? told.map((build) => `${JSON.stringify(build)}\n`).join('') : historyText({ builds, told, isAsked }));
  return 0;
}
