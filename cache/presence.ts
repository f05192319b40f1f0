// Who builds in a cache right now: one small file a process. The sweep of one build asks it what others may be using.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeftOver, removeLeftOvers, temporaryName } from '../src/engine/temporary.ts';

export interface Presence {
  /** When the oldest build that still runs began, in milliseconds; this one included. */
  oldestStart(): number;
  leave(): void;
}

export function enter(folder: string): Presence {
  const running = join(folder, 'running');
  mkdirSync(running, { recursive: true });
  removeLeftOvers(running);
  const mine = join(running, temporaryName());
  writeFileSync(mine, '');
  const began = Date.now();
  return {
    oldestStart() {
      let oldest = began;
      for (const name of readdirSync(running)) {
        const path = join(running, name);
        if (isLeftOver(path, name)) continue;
        oldest = Math.min(oldest, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? oldest);
      }
      return oldest;
    },
    leave: () => rmSync(mine, { force: true }),
  };
}
