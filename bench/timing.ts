// Least times: others may run beside a benchmark, and what they take away only ever adds.

/** Least CPU time of one call, in ms: of this process with its helper threads, over at least `times` calls and `ms` of them. */
export function leastCpu(work: () => void, { times = 5, ms = 400 }: { times?: number; ms?: number } = {}): number {
  let least = Infinity;
  const until = performance.now() + ms;
  for (let i = 0; i < times || performance.now() < until; i++) {
    const before = process.cpuUsage();
    work();
    least = Math.min(least, cpuSince(before));
  }
  return least;
}

/** CPU milliseconds of this process since `before`. */
export function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
