// A session of `axbuild watch`: from the first round to the last key.
import type { Asked } from './ask.ts';
import type { OpenView } from './view.ts';
import { startSession, type Session } from './watch-session.ts';
import { reasonOf } from './why.ts';
import type { Workers } from './workers.ts';
import { openWorkshop } from './workshop.ts';

export async function watchGoals(asked: Asked, view: OpenView, workers: Workers): Promise<0> {
  const workshop = await openWorkshop(asked, workers);
  const session = startSession(workshop, (event) => view.see(event));
  view.obey({ ...session, why: async ({ task, label }) => reasonOf(asked, workshop.store, `${task} ${label}`) });
  process.on('SIGINT', session.quit).on('SIGTERM', session.quit);
  const stop = hearKeys(session);
  await session.ended;
  stop();
  await view.close();
  await workers.pool.close();
  await workshop.close();
  process.off('SIGINT', session.quit).off('SIGTERM', session.quit);
  return 0;
}

const keys: Readonly<Record<string, keyof Pick<Session, 'rebuild' | 'cancel' | 'quit'>>> = { r: 'rebuild', c: 'cancel', q: 'quit' };

/** A program that drives this one writes the keys, a line each. A terminal is the screen's, or left alone: reading it in the background would stop the process. */
function hearKeys(session: Session): () => void {
  if (process.stdin.isTTY) return () => {};
  let rest = '';
  const hear = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const act = keys[line.trim()];
      if (act !== undefined) session[act]();
    }
  };
  process.stdin.setEncoding('utf8').on('data', hear).on('error', () => {});
  return () => void process.stdin.off('data', hear).destroy();
}
