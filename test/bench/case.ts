/** One measured comparison: what we take, against what the other takes, in the same run. */
export interface Sample {
  ours: number;
  baseline: number;
}

export interface BenchCase {
  name: string;
  /** What is compared with what. */
  baseline: string;
  unit: string;
  /** The ratio ours / baseline that was promised: at most, or at least. */
  target: { atMost: number } | { atLeast: number };
  /** Runs to take the median of. */
  runs: number;
  /** Reason why the case cannot be run here, such as a server that is missing. */
  unavailable?(): string | undefined;
  run(): Promise<Sample>;
}
