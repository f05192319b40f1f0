// Chance with a seed, for tests: mulberry32.
export type Random = () => number;

/** Numbers in [0, 1). */
export function random(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(rand: Random, list: readonly T[]): T {
  return list[Math.floor(rand() * list.length)]!;
}

/** The seed of this run: SEED= repeats one. Print it. */
export function seedOf(): number {
  const given = process.env['SEED'];
  return given === undefined ? (Date.now() ^ (process.pid << 8)) >>> 0 : Number(given);
}
