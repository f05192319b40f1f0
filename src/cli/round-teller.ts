// What those who watch hear of a round: all, until another takes over; then its summary, and nothing more.
import { tallied, type Event, type GoalOutcome, type Tally } from '../engine/events.ts';

export class RoundTeller {
  readonly #began: number;
  readonly #see: (event: Event) => void;
  readonly #outcomes = new Map<string, GoalOutcome>();
  #tally: Tally = {};
  #isOver = false;

  constructor({ began, see }: { began: number; see: (event: Event) => void }) {
    this.#began = began;
    this.#see = see;
  }

  see(event: Event): void {
    if (this.#isOver) return;
    if (event.event === 'build') for (const goal of event.goals) this.#outcomes.set(goal, 'skipped');
    if (event.event === 'goal') this.#outcomes.set(event.goal, event.outcome);
    if (event.event === 'finished') this.#tally = tallied(this.#tally, event);
    this.#see(event);
  }

  /** Goals that are not done yet are another round's now. */
  handOver(): void {
    for (const [goal, outcome] of this.#outcomes) if (outcome === 'skipped') this.#outcomes.set(goal, 'interrupted');
    this.end();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#see({ event: 'summary', goals: Object.fromEntries(this.#outcomes), tasks: this.#tally, seconds: (Date.now() - this.#began) / 1000 });
  }
}
