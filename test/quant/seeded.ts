// Chance that repeats: SEED=<n> runs a random test again. mulberry32.
const seed = Number(process.env['SEED'] ?? 20240613);
console.log(`SEED=${seed}`);

/** Numbers in [0, 1), the same for the same seed. */
export function seeded(): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fuller counts in soak runs. */
export const rounds = (few: number): number => (process.env['SOAK'] === undefined ? few : few * 20);
