// What all kinds that copy codes have in common: no constants, no products.
import type { Lowering } from './lowering.ts';

export function copying(kind: string, planner: Lowering['planner']): Lowering {
  return {
    kind,
    constants: () => [],
    pack: (name) => {
      throw new Error(`BUG: ${kind} has no ${name}`);
    },
    macs: () => 0,
    planner,
  };
}
