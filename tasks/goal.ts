// A model to build, with everything the user said of it.
import type { BuildConfig } from '../src/config/index.ts';
import type { Target } from '../src/targets/target.ts';
import type { PlaceOf } from './passing.ts';

export interface ModelGoal {
  readonly name: string;
  /** Every field set; paths absolute. */
  readonly config: BuildConfig;
  readonly target: Target;
  /** The configuration as text, for build_context.json. */
  readonly effective: string;
  /** Where the user wrote a setting, for faults. */
  readonly placeOf: PlaceOf;
}

/** Labels of a goal's jobs begin with its name. */
export function isJobOf({ name }: Pick<ModelGoal, 'name'>, label: string): boolean {
  return label === name || label.startsWith(`${name} `);
}
