// `axbuild graph`: who read whose output when a goal was last built, as a diagram or for programs.
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { Fault, nearest } from '../base/fault.ts';
import { lineageOf, type Lineage } from '../engine/lineage.ts';
import { pastsOf, type Past } from '../engine/past.ts';
import { dotText } from '../report/dot.ts';
import { mermaidText } from '../report/mermaid.ts';
import type { Arguments } from './arguments.ts';
import { foldersOf } from './ask.ts';
import { graphFormats } from './commands.ts';
import { drawJobs, drawTasks } from './lineage-drawing.ts';

const writers: Readonly<Record<(typeof graphFormats)[number], (goal: string, lineage: Lineage, all: boolean) => string>> = {
  dot: (goal, lineage, all) => dotText((all ? drawJobs : drawTasks)(goal, lineage)),
  mermaid: (goal, lineage, all) => mermaidText((all ? drawJobs : drawTasks)(goal, lineage)),
  json: (goal, lineage) => `${JSON.stringify({ goal, ...lineage })}\n`,
};

export async function graph(given: Arguments): Promise<0> {
  const { words: [word, ...more], options } = given;
  if (more.length > 0) throw new Fault({ exit: 2, what: `one goal at a time, not "${more[0]}" as well`, facts: [['usage', 'axbuild graph [goal]']] });
  const { workspace, cache } = foldersOf(given);
  const past = pastOf(pastsOf(cache, workspace), { word, workspace, cache });
  const store = await openLmdbStore({ folder: cache, role: 'worker' });
  try {
    const format = graphFormats.find((one) => one === options['format']) ?? 'dot';
    process.stdout.write(writers[format](past.goal, lineageOf(store, past), 'all' in options));
  } finally {
    await store.close();
  }
  return 0;
}

/** Of goals with one name the newest counts; without a name, there must be one. */
function pastOf(pasts: readonly Past[], { word, workspace, cache }: { readonly word: string | undefined; readonly workspace: string; readonly cache: string }): Past {
  if (pasts.length === 0) throw new Fault({ exit: 2, what: `no build of ${workspace} is remembered`, facts: [['cache', cache], ['try', 'axbuild build']] });
  const goals = [...new Set(pasts.map(({ goal }) => goal))];
  const found = goals.length === 1 && word === undefined ? pasts[0] : pasts.find(({ goal }) => goal === word);
  if (found !== undefined) return found;
  const near = word === undefined ? undefined : nearest(word, goals);
  throw new Fault({ exit: 2, what: word === undefined ? 'of which goal? Several are remembered' : `no build of a goal "${word}" is remembered`, facts: [['goals', goals.join(', ')], ...(near === undefined ? [] : [['try', near] as const])] });
}
