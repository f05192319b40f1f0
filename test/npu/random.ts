// Seeded chance: SEED= repeats a run, SOAK=1 runs fuller counts.
export const seed = Number(process.env['SEED'] ?? 1);
export const soak = process.env['SOAK'] === '1';

export class Random {
  #state: number;

  constructor(start: number) {
    this.#state = (Math.imul(start, 0x9e3779b9) ^ 0x2545f491) >>> 0;
  }

  /** In [0, 1). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in low..high. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]!;
  }

  chance(share: number): boolean {
    return this.unit() < share;
  }
}
