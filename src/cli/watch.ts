// `axbuild watch`: builds, and builds again whenever a source of the goals changed, until Ctrl-C.
import type { Arguments } from './arguments.ts';
import { ask } from './ask.ts';
import { openWatchView } from './watch-view.ts';

export async function watch(given: Arguments, home: string): Promise<0> {
  const asked = ask(given, home);
  const view = openWatchView(given.options['log-format']);
  const workers = (await import('./workers.ts')).startWorkers(asked);
  return (await import('./watch-goals.ts')).watchGoals(asked, view, workers);
}
