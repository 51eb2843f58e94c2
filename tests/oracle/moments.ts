/**
 * Counts, means and sums of squared deviations in float64.
 *
 * @module
 */
import { coordinatesOf, indexOf, type NumberArray, positiveAxis, sizeOf } from "./array.ts";

/** Which elements share statistics, beside the axes. */
export interface StatisticsOptions {
  /** Split the channel axis into this many runs of neighbours, each with statistics of its own. */
  groups?: number | undefined;
  /** The axis that `groups` splits; may be negative. @default {-1} */
  channelsAxis?: number | undefined;
}

/** Options of {@linkcode moments}. */
export interface MomentsOptions extends StatisticsOptions {
  /** One weight for every item of axis 0. */
  weights?: ArrayLike<number> | undefined;
}

/** One entry per set of elements that share statistics. */
export interface Moments64 {
  /** Number of elements, or the sum of their weights. */
  count: Float64Array;
  /** Mean; 0 for a set of count 0. */
  mean: Float64Array;
  /** Sum of squared deviations from the mean; 0 for a set of count 0. */
  m2: Float64Array;
}

/** Which set each element belongs to. */
export interface StatisticsSets {
  /** Number of sets. */
  size: number;
  /** For each element in row-major order, the row-major index of its set over the kept axes. */
  of: number[];
}

/**
 * Sorts elements into sets that share statistics. The axes are literal: what is not listed is kept,
 * the batch axis too. With groups the channel axis becomes two, the groups, which are kept, and the
 * channels within a group, which are reduced.
 *
 * Source: tf.contrib 1.15 group_norm (docs/semantics.md, section 4.2).
 *
 * @param shape Sizes of the axes.
 * @param axes The axes to reduce; may be negative.
 * @param options Groups.
 * @returns The set of each element.
 * @throws {TypeError} If groups do not divide the channels, or `axes` names the channel axis too.
 */
export function statisticsSets(
  shape: readonly number[],
  axes: readonly number[],
  options: StatisticsOptions = {},
): StatisticsSets {
  const { groups, channelsAxis = -1 } = options;
  const rank = shape.length;
  const reduced = axes.map((axis) => positiveAxis(axis, rank));
  const split = groups === undefined ? -1 : positiveAxis(channelsAxis, rank);
  const groupSize = groups === undefined ? 1 : shape[split] / groups;
  if (!Number.isInteger(groupSize) || reduced.includes(split)) {
    throw new TypeError(
      `Cannot form groups: groups must divide the channels and axes must not hold their axis, ` +
        `got ${groups} groups of shape (${shape.join(", ")}) and axes (${axes.join(", ")})`,
    );
  }
  const kept = shape.map((_, axis) => axis).filter((axis) => !reduced.includes(axis));
  const keptShape = kept.map((axis) => axis === split ? shape[axis] / groupSize : shape[axis]);
  const of: number[] = [];
  for (let index = 0; index < sizeOf(shape); index++) {
    const all = coordinatesOf(index, shape);
    const own = kept.map((axis) => axis === split ? Math.floor(all[axis] / groupSize) : all[axis]);
    of.push(indexOf(own, keptShape));
  }
  return { size: sizeOf(keptShape), of };
}

/**
 * Moments of each set: `count = sum w`, `mean = sum w x / count`, `m2 = sum w (x - mean)^2`, with
 * w = 1 when no weights are given.
 *
 * Source: moments and weighted_moments of TF 1.15 (docs/semantics.md, sections 3.1 and 3.2), before the
 * division by the count.
 *
 * @param x Any rank. Not modified.
 * @param axes The axes to reduce; may be negative.
 * @param options Groups and weights.
 * @returns Flat arrays over the kept axes in their order.
 * @throws {TypeError} If the weights are not one per item of axis 0.
 */
export function moments(
  x: NumberArray,
  axes: readonly number[],
  options: MomentsOptions = {},
): Moments64 {
  const { weights } = options;
  if (weights !== undefined && weights.length !== x.shape[0]) {
    throw new TypeError(
      `Cannot take moments: weights must have ${x.shape[0]} elements, got ${weights.length}`,
    );
  }
  const { size, of } = statisticsSets(x.shape, axes, options);
  const itemSize = sizeOf(x.shape.slice(1));
  const w = of.map((_, index) => weights === undefined ? 1 : weights[Math.floor(index / itemSize)]);

  const count = new Float64Array(size);
  for (let index = 0; index < of.length; index++) {
    count[of[index]] += w[index];
  }
  const mean = new Float64Array(size);
  for (let index = 0; index < of.length; index++) {
    mean[of[index]] += w[index] * x.data[index] / count[of[index]];
  }
  // a sum of many terms far from 0 loses digits that the spread needs: add the mean of what is left
  const rest = new Float64Array(size);
  for (let index = 0; index < of.length; index++) {
    rest[of[index]] += w[index] * (x.data[index] - mean[of[index]]) / count[of[index]];
  }
  for (let set = 0; set < size; set++) {
    mean[set] += Number.isFinite(mean[set]) ? rest[set] : 0;
  }
  const m2 = new Float64Array(size);
  for (let index = 0; index < of.length; index++) {
    m2[of[index]] += w[index] * (x.data[index] - mean[of[index]]) ** 2;
  }
  for (let set = 0; set < size; set++) {
    if (count[set] === 0) {
      mean[set] = 0;
      m2[set] = 0;
    }
  }
  return { count, mean, m2 };
}

/**
 * Moments of the union of disjoint sets, entry by entry. With d = meanB - meanA and n = nA + nB:
 * `mean = meanA + d nB / n`, `m2 = m2A + m2B + d^2 nA nB / n`. A count of 0 is the identity.
 *
 * Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
 * variances", 1979, eq. 2.1 (docs/semantics.md, section 3.3).
 *
 * @param a Moments of some sets. Not modified.
 * @param b Moments of as many sets. Not modified.
 * @returns New moments.
 */
export function mergeMoments(a: Moments64, b: Moments64): Moments64 {
  const count = Float64Array.from(a.count);
  const mean = Float64Array.from(a.mean);
  const m2 = Float64Array.from(a.m2);
  for (let set = 0; set < count.length; set++) {
    if (b.count[set] === 0) {
      continue;
    }
    if (a.count[set] === 0) {
      count[set] = b.count[set];
      mean[set] = b.mean[set];
      m2[set] = b.m2[set];
      continue;
    }
    const n = a.count[set] + b.count[set];
    const difference = b.mean[set] - a.mean[set];
    count[set] = n;
    mean[set] += difference * b.count[set] / n;
    m2[set] += b.m2[set] + difference ** 2 * a.count[set] * b.count[set] / n;
  }
  return { count, mean, m2 };
}
