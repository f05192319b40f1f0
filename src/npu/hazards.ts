// Order between engines. Each engine runs its own instructions in order; waits are all that orders two engines. Accesses of the same bytes
// of which one writes must be ordered through them, directly or by way of others.
import { Fault } from '../base/fault.ts';
import type { Access } from './access.ts';
import { faultAt, type Decoded } from './decode.ts';
import { engines } from './isa.ts';
import { overlap } from './runs.ts';
import { printSpace } from './text.ts';

/** Throws a Fault where an instruction waits for more than comes before it: run in program order, it would wait forever. */
export function checkWaits(instructions: readonly Decoded[]): void {
  const before = engines.map(() => 0);
  for (const d of instructions) {
    d.wait.forEach((count, e) => {
      if (count > before[e]!) throw faultAt(d, `deadlock: waits for ${count} instructions of ${engines[e]}, but only ${before[e]} come before it`);
    });
    before[engines.indexOf(d.engine)]!++;
  }
}

interface Step {
  readonly d: Decoded;
  readonly accesses: readonly Access[];
  /** Per engine, how many of its instructions have surely completed when this one starts: a vector clock. */
  readonly clock: readonly number[];
}

/** Throws a Fault that names two instructions whose order matters and isn't given. `accesses` are those of each instruction, by index. */
export function checkHazards(instructions: readonly Decoded[], accesses: readonly (readonly Access[])[]): void {
  const history = new History();
  instructions.forEach((d, i) => {
    const step = { d, accesses: accesses[i]!, clock: history.clockOf(d) };
    for (const earlier of history.unordered(step)) compare(earlier, step);
    history.add(step);
  });
}

function compare(earlier: Step, later: Step): void {
  for (const a of earlier.accesses) {
    for (const b of later.accesses) {
      if ((a.use === 'read' && b.use === 'read') || !overlap(a, b)) continue;
      throw new Fault({
        what: `hazard: instructions ${name(earlier.d)} and ${name(later.d)} touch the same bytes, and no wait orders them`,
        facts: [
          [String(earlier.d.index), describe(a)],
          [String(later.d.index), describe(b)],
        ],
      });
    }
  }
}

function name({ index, name }: Decoded): string {
  return `${index} (${name})`;
}

function describe({ operand, use, space, start, end }: Access): string {
  return `${operand} ${use}s ${printSpace(space)} ${start} … ${end - 1}`;
}

/** What came before, by engine: everything's clock, and the steps that may still run beside later ones. */
class History {
  readonly #clocks: (readonly number[])[][] = engines.map(() => []);
  readonly #live: Step[][] = engines.map(() => []);

  clockOf({ engine, wait }: Decoded): readonly number[] {
    const own = engines.indexOf(engine);
    const clock = [...wait];
    clock[own] = this.#clocks[own]!.length;
    // What has completed when instruction n of an engine has: all that it knew, and itself.
    clock.forEach((count, e) => {
      if (count === 0) return;
      this.#clocks[e]![count - 1]!.forEach((known, f) => (clock[f] = Math.max(clock[f]!, known)));
    });
    return clock;
  }

  /** Steps of other engines that may not have completed when `step` starts. */
  *unordered(step: Step): Iterable<Step> {
    for (const [e, live] of this.#live.entries()) {
      if (engines[e] === step.d.engine) continue;
      for (const earlier of live) {
        if (ordinal(earlier) >= step.clock[e]!) yield earlier;
      }
    }
  }

  add(step: Step): void {
    const own = engines.indexOf(step.d.engine);
    this.#clocks[own]!.push(step.clock);
    this.#live[own]!.push(step);
    this.#live.forEach((live, e) => {
      // Clocks only grow: what every other engine's last instruction knows complete can't be met again.
      const known = Math.min(...this.#clocks.map((clocks, f) => (f === e ? Infinity : (clocks.at(-1)?.[e] ?? 0))));
      const first = live.findIndex((earlier) => ordinal(earlier) >= known);
      if (first !== 0) live.splice(0, first < 0 ? live.length : first);
    });
  }
}

/** The how-manieth of its engine a step is. */
function ordinal({ d, clock }: Step): number {
  return clock[engines.indexOf(d.engine)]!;
}
