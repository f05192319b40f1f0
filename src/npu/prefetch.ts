// Constants stream over DDR while groups before theirs compute: load by load in the order of the groups, each as early as there is room for the
// arena that it goes to, and as the window for what lies waiting allows.

export interface Waiting {
  readonly arenaBytes: number;
  /** Bytes of each load that may come ahead. */
  readonly loads: readonly number[];
}

/** `used`: on-chip bytes of each step before anything is held ahead. Of each group's loads, the step that it moves up to. */
export function stepsAhead(groups: readonly Waiting[], { used, budget, windowBytes, most }: { used: readonly number[]; budget: number; windowBytes: number; most: number }): number[][] {
  const taken = [...used];
  const waiting = groups.map(() => 0);
  let last = 0;
  return groups.map(({ arenaBytes, loads }, group) => {
    let held = group;
    return loads.map((bytes) => {
      let step = group;
      while (step > Math.max(last, group - most) && waiting[step - 1]! + bytes <= windowBytes && (step > held || taken[step - 1]! + arenaBytes <= budget)) step--;
      for (let s = step; s < group; s++) waiting[s]! += bytes;
      for (; held > step; held--) taken[held - 1]! += arenaBytes;
      last = step;
      return step;
    });
  });
}
