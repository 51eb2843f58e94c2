/**
 * Summaries of sets: count, mean and sum of squared deviations.
 *
 * @module
 */
import type { Keys } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor/types.ts";

/**
 * A summary of one or more sets: enough to get their means and variances, and to be merged.
 *
 * A number of it may need more digits than float32 has: a mean far from zero, the count and the sum of
 * many parts. What float32 takes from it then stands in a field of its own, so that both together are
 * the number to about 48 bits.
 */
export interface Moments<T = Tensor> {
  /**
   * How many elements a set has, or the sum of their weights: shape (), or `(items,)` where weighted sets
   * lie inside items. The count of one tensor is exact up to 2^24.
   */
  readonly count: T;
  /** The mean of every set. */
  readonly mean: T;
  /** What float32 takes from the mean, which is `mean + low`. @default {0 each} */
  readonly low?: T;
  /** The sum of squared deviations from the mean; divided by the count it is the biased variance. */
  readonly m2: T;
  /** What float32 takes from the counts of merged parts: `count + countLow`. @default {0 each} */
  readonly countLow?: T;
  /** What float32 takes from `m2` of merged parts: `m2 + m2Low`. @default {0 each} */
  readonly m2Low?: T;
}

/** The fields of a summary. */
export const MOMENTS: Keys<Moments> = {
  count: true,
  mean: true,
  low: true,
  m2: true,
  countLow: true,
  m2Low: true,
};
