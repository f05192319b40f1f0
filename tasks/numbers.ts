// The few numbers that a person judges a build by: what `watch`, `history` and `diff` compare.
interface Facts {
  readonly macs: number;
  readonly units: readonly { readonly programs?: readonly { readonly group: number; readonly batch: number; readonly max_cycle: number }[] }[];
}

export type Numbers = Readonly<Record<string, number>>;

/** `facts`: as `assemble` writes them. Cycles are those of one run of every NPU unit, in the model's own shape and smallest batch. */
export function numbersOf(facts: object, { containerBytes }: { containerBytes: number }): Numbers {
  const { macs, units } = facts as Facts; // of assemble.ts
  const cycles = units.reduce((sum, { programs = [] }) => sum + (programs[0]?.max_cycle ?? 0), 0);
  return { cycles, bytes: containerBytes, macs };
}
