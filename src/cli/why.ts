// `axbuild why`: why a job ran in the last build, or why it did not.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { settingOf } from '../../tasks/setting-of.ts';
import { Fault } from '../base/fault.ts';
import { findJob } from '../engine/find-job.ts';
import { pastsOf, type Past, type PastJob } from '../engine/past.ts';
import type { Store } from '../engine/store.ts';
import { explain } from '../engine/why.ts';
import { whyText } from '../ui/why.ts';
import type { Arguments } from './arguments.ts';
import { ask, type Asked } from './ask.ts';
import { goalsOf } from './goals.ts';
import { shortPath } from './short-path.ts';

export async function why(given: Arguments, home: string): Promise<0> {
  const asked = ask(given, home);
  const words = given.words.join(' ');
  if (words === '') throw new Fault({ exit: 2, what: 'why what? A job is missing', facts: [['like', 'axbuild why tile:p2o.Conv.4'], ['see', 'axbuild plan --all, which names every job']] });
  const job = remembered(asked, words);
  const store = await openLmdbStore({ folder: asked.cache, role: 'worker' });
  try {
    process.stdout.write(told(asked, store, job));
  } finally {
    await store.close();
  }
  return 0;
}

/** The same for one that has the store open: `words` name the job. */
export function reasonOf(asked: Asked, store: Store, words: string): string {
  return told(asked, store, remembered(asked, words));
}

function remembered({ cache, workspace }: Asked, words: string): Candidate {
  const pasts = pastsOf(cache, workspace);
  if (pasts.length === 0 || !existsSync(join(cache, 'v1'))) {
    throw new Fault({ exit: 2, what: `no build of ${workspace} is remembered`, facts: [['cache', cache], ['try', 'axbuild build']] });
  }
  return findJob(jobsOf(pasts), words);
}

function told(asked: Asked, store: Store, { past, job }: Candidate): string {
  const placeOf = placesOf(asked, past.goal);
  return whyText({
    why: explain(store, past, job),
    settingOf: (task, option) => {
      const setting = settingOf(task, option);
      const place = setting && placeOf(setting.name);
      return setting && { ...setting, ...(place !== undefined && { place }) };
    },
    pathOf: shortPath,
  });
}

interface Candidate {
  readonly task: string;
  readonly label: string;
  readonly job: PastJob;
  readonly past: Past;
}

/** Of goals with one name the newest counts. */
function jobsOf(pasts: readonly Past[]): Candidate[] {
  const jobs = new Map<string, Candidate>();
  for (const past of pasts) {
    for (const job of past.jobs) {
      const { task, label } = job;
      const name = `${task} ${label}`;
      if (!jobs.has(name) || jobs.get(name)!.past === past) jobs.set(name, { task, label, job, past });
    }
  }
  return [...jobs.values()];
}

/** Where the user wrote a setting, if the configuration can be read at all. */
function placesOf(asked: Asked, name: string): (setting: string) => string | undefined {
  try {
    const goal = goalsOf({ ...asked, given: { ...asked.given, words: [] } }).find((one) => one.name === name);
    return (setting) => {
      const place = goal?.placeOf(setting);
      return place?.line === undefined ? undefined : `${place.file}:${place.line}`;
    };
  } catch {
    return () => undefined; // what is wrong with it, `build` says
  }
}
