/**
 * What is timed.
 *
 * @module
 */

/** The collectives. */
export const CALLS = ["allGather", "allReduce"] as const;

/** How many float64 each replica brings: a sum or two, the moments of all norms, the gradients. */
export const LENGTHS: readonly number[] = [16, 10_000, 1_000_000];

/** How long something took, in ms. */
export interface Timing {
  readonly what: string;
  readonly median: number;
  readonly min: number;
}
