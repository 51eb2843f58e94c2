/**
 * Summaries of sets: count, mean and sum of squared deviations.
 *
 * @module
 */
import type { Tensor } from "../tensor/types.ts";

/** A summary of one or more sets: enough to get their means and variances, and to be merged. */
export interface Moments<T = Tensor> {
  /**
   * How many elements a set has, or the sum of their weights: shape (), or `(items,)` where weighted sets
   * lie inside items.
   */
  readonly count: T;
  /** The mean of every set. */
  readonly mean: T;
  /** The sum of squared deviations from the mean; divided by the count it is the biased variance. */
  readonly m2: T;
}
