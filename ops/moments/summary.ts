/**
 * Summaries of sets: count, mean and sum of squared deviations.
 *
 * @module
 */
import type { Tensor } from "../tensor/types.ts";

/** A summary of one or more sets: enough to get their means and variances, and to be merged. */
export interface Moments {
  /**
   * How many elements a set has, or the sum of their weights. A tensor of one count per item where
   * weighted sets lie inside items, or inside a pipeline.
   */
  readonly count: number | Tensor;
  /** The mean of every set. */
  readonly mean: Tensor;
  /** The sum of squared deviations from the mean; divided by the count it is the biased variance. */
  readonly m2: Tensor;
}
