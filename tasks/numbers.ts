// The few numbers that a person judges a build by: what `watch`, `history` and `diff` compare.
interface Facts {
  readonly macs: number;
  readonly units: readonly { readonly programs?: readonly { readonly group: number; readonly batch: number; readonly max_cycle: number }[] }[];
}

export type Numbers = Readonly<Record<string, number>>;

export interface Measured {
  readonly containerBytes: number;
  /** Of each unit that was checked: of its outputs in integers to the float network's, on the first calibration sample, fed with that network's values. */
  readonly cosines: readonly number[];
}

/**
 * `facts`: as `assemble` writes them. Cycles are those of one run of every NPU unit, cosine the lowest of the checked ones, both in the model's own
 * shape and smallest batch. No cosine without checks.
 */
export function numbersOf(facts: object, { containerBytes, cosines }: Measured): Numbers {
  const { macs, units } = facts as Facts; // of assemble.ts
  const cycles = units.reduce((sum, { programs = [] }) => sum + (programs[0]?.max_cycle ?? 0), 0);
  return { cycles, bytes: containerBytes, macs, ...(cosines.length > 0 && { cosine: Math.min(...cosines) }) };
}
