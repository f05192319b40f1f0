// How a benchmark is asked to run.
export interface How {
  /** Fewer repetitions: all benchmarks one after the other. */
  readonly short: boolean;
}
