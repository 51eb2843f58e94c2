/**
 * Statistics sets in float64, and how far a float32 implementation may be off them.
 *
 * @module
 */
import { U } from "./trial.ts";

/** Sets of elements that share a mean and a variance. */
export interface Sets {
  /** The set of each element. */
  readonly of: ArrayLike<number>;
  readonly size: number;
  /** The weight of each element; 1 without. */
  readonly weights?: ArrayLike<number> | undefined;
  /** Whether the variance is the mean of squares less the square of the mean, which cancel. */
  readonly onePass?: boolean;
}

/** What is known of each set. */
export interface SetStatistics {
  readonly count: Float64Array;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  /**
   * How far mean and deviation may be off, in deviations: a sum of n terms rounds n times at most,
   * and its terms are distances from an element of the set, which may lie several deviations out.
   * The library's own promise is 1e-5, for any set of one or two values far out.
   */
  readonly off: Float64Array;
}

/** What the library promises of a normalised value, in deviations. */
const PROMISE = 1e-5;

export function statisticsOf(x: ArrayLike<number>, sets: Sets, epsilon: number): SetStatistics {
  const { of, size, weights, onePass = false } = sets;
  const count = new Float64Array(size);
  const mean = new Float64Array(size);
  const variance = new Float64Array(size);
  const first = new Float64Array(size).fill(NaN);
  const members = new Float64Array(size);
  const w = (i: number) => weights === undefined ? 1 : weights[i];
  for (let i = 0; i < x.length; i++) {
    const set = of[i];
    if (Number.isNaN(first[set])) first[set] = x[i];
    members[set]++;
    count[set] += w(i);
    mean[set] += w(i) * (x[i] - first[set]);
  }
  for (let set = 0; set < size; set++) {
    mean[set] = count[set] === 0 ? 0 : first[set] + mean[set] / count[set];
  }
  for (let i = 0; i < x.length; i++) variance[of[i]] += w(i) * (x[i] - mean[of[i]]) ** 2;
  const off = new Float64Array(size);
  for (let set = 0; set < size; set++) {
    if (count[set] > 0) variance[set] /= count[set];
    const deviation = Math.sqrt(variance[set] + epsilon);
    const far = deviation === 0 ? 0 : Math.abs(first[set] - mean[set]) / deviation;
    const n = members[set] + 8;
    off[set] = onePass
      ? U * n * (1 + (mean[set] ** 2 + variance[set]) / (variance[set] + epsilon))
      : Math.min(PROMISE, U * n * (1 + far) ** 2);
  }
  return { count, mean, variance, off };
}
