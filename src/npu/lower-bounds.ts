// What no plan of a unit can beat on this target: every plan prints its distance from these.
import { inMode } from '../targets/mode.ts';
import type { Target } from '../targets/target.ts';
import { decode } from './decode.ts';
import { engines, type Engine } from './isa.ts';
import type { LinkEdge, LinkGroup, Menu } from './object.ts';
import { timelineOf } from './schedule.ts';

export interface LowerBounds {
  /** Cycles that each engine is busy at least: the cheapest variant of every group. For conv, multiply-accumulates padded to the array. */
  readonly busy: Readonly<Record<Engine, number>>;
  /** Constants once, runtime inputs and outputs once. */
  readonly ddrBytes: number;
  /** The longest chain of groups, each taking the time of its busiest computing engine. */
  readonly criticalPath: number;
  /** The largest of the above, in cycles. */
  readonly cycles: number;
}

export function lowerBounds(groups: readonly LinkGroup[], edges: readonly LinkEdge[], { target, mode }: { target: Target; mode: string }): LowerBounds {
  const row = inMode(target, mode);
  const known = new Map<Menu, Readonly<Record<Engine, number>>>();
  const least = groups.map(({ menu }) => {
    const found = known.get(menu) ?? leastBusy(menu, row);
    known.set(menu, found);
    return found;
  });
  const world = edges.reduce((sum, { role, bytes }) => sum + (role === 'inner' ? 0 : bytes), 0);
  const ddrBytes = groups.reduce((sum, { menu }) => sum + Math.min(...menu.variants.map((variant) => variant.ddrBytes.params)), world);
  const total = (engine: Engine): number => least.reduce((sum, busy) => sum + busy[engine], 0);
  const busy = { conv: total('conv'), teng: total('teng'), cv: total('cv'), sdma: Math.ceil(ddrBytes / row.ddrBytesPerCycle) };

  const done = edges.map(() => 0);
  groups.forEach(({ inputs, output }, g) => {
    const { conv, teng, cv } = least[g]!;
    done[output] = Math.max(0, ...inputs.map((input) => done[input]!)) + Math.max(conv, teng, cv);
  });
  const criticalPath = Math.max(0, ...done);
  return { busy, ddrBytes, criticalPath, cycles: Math.max(criticalPath, ...Object.values(busy)) };
}

/** Of each engine, over all variants; by the mode's rates, which menus don't count by. */
function leastBusy({ variants }: Menu, row: Target): Readonly<Record<Engine, number>> {
  const least = { conv: Infinity, teng: Infinity, cv: Infinity, sdma: Infinity };
  for (const { code } of variants) {
    const instructions = decode(code);
    const { busy } = timelineOf(instructions, instructions.map(({ wait }) => wait), row);
    for (const engine of engines) least[engine] = Math.min(least[engine], busy[engine]);
  }
  return least;
}
