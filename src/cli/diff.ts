// `axbuild diff`: settings, numbers and outputs of two builds, and what ran in the later one.
import { Fault } from '../base/fault.ts';
import { differenceOf, findBuild } from '../engine/builds.ts';
import { diffText } from '../ui/diff.ts';
import type { Arguments } from './arguments.ts';
import { pastBuilds } from './past-builds.ts';

export async function diff(given: Arguments): Promise<0> {
  const { words: [from = 'last~1', to = 'last', ...more], options } = given;
  if (more.length > 0) throw new Fault({ exit: 2, what: `two builds are compared, not "${more[0]}" as well`, facts: [['usage', 'axbuild diff [BUILD [BUILD]]']] });
  const builds = await pastBuilds(given);
  const found = differenceOf(builds, findBuild(builds, from), findBuild(builds, to));
  process.stdout.write('json' in options ? `${JSON.stringify(found)}\n` : diffText(found));
  return 0;
}
