// Every chip: one file and one line each. Other targets come from YAML files (read.ts).
import { ax615 } from './ax615.ts';
import { ax620e } from './ax620e.ts';
import { ax650 } from './ax650.ts';
import { m57 } from './m57.ts';
import { m76h } from './m76h.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [ax650, ax620e, ax615, m76h, m57];

export function targetOf(name: string): Target | undefined {
  return targets.find((target) => target.name === name);
}
