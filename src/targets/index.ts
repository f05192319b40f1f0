// Every chip: one file and one line each. Other targets come from YAML files (read.ts).
import { ax650 } from './ax650.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [ax650];

export function targetOf(name: string): Target | undefined {
  return targets.find((target) => target.name === name);
}
