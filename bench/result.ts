/**
 * What a race comes to.
 *
 * @module
 */
import type { Absent } from "./contender.ts";
import type { RaceWorkload } from "./race_workloads.ts";

/** How one contender did. */
export interface Result {
  readonly name: string;
  readonly peer: boolean;
  readonly executor: string;
  /** Milliseconds. */
  readonly median: number;
  readonly min: number;
  /** Largest error against the float64 oracle; `null` where there is no answer to look at. */
  readonly error: number | null;
}

/** A finished race. */
export interface Race {
  readonly workload: RaceWorkload;
  readonly results: readonly Result[];
  readonly absent: readonly Absent[];
  /** Whose medians other work still disturbed in the last run of the race; older files lack it. */
  readonly disturbed?: readonly string[];
}
