// What no plan of a unit can beat on this target: every plan prints its distance from these.
import { inMode } from '../targets/mode.ts';
import type { Target } from '../targets/target.ts';
import { engines, type Engine } from './isa.ts';
import type { LinkEdge, LinkGroup } from './object.ts';

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
  const least = groups.map(({ menu }) => Object.fromEntries(engines.map((engine) => [engine, Math.min(...menu.variants.map(({ cycles }) => cycles[engine]))])) as Record<Engine, number>); // one member an engine
  const world = edges.reduce((sum, { role, bytes }) => sum + (role === 'inner' ? 0 : bytes), 0);
  const ddrBytes = groups.reduce((sum, { menu }) => sum + Math.min(...menu.variants.map((variant) => variant.ddrBytes.params)), world);
  const total = (engine: Engine): number => least.reduce((sum, busy) => sum + busy[engine], 0);
  const busy = { conv: total('conv'), teng: total('teng'), cv: total('cv'), sdma: Math.ceil(ddrBytes / inMode(target, mode).ddrBytesPerCycle) };

  const done = edges.map(() => 0);
  groups.forEach(({ inputs, output }, g) => {
    const { conv, teng, cv } = least[g]!;
    done[output] = Math.max(0, ...inputs.map((input) => done[input]!)) + Math.max(conv, teng, cv);
  });
  const criticalPath = Math.max(0, ...done);
  return { busy, ddrBytes, criticalPath, cycles: Math.max(criticalPath, ...Object.values(busy)) };
}
