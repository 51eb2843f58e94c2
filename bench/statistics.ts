/**
 * Statistics of timings.
 *
 * @module
 */
import { random } from "../tests/support/random.ts";

/** The middle of the values; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  if (values.length === 0) {
    throw new RangeError("Cannot take a median: there must be values, got 0");
  }
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The value below which an eighth of the values lie: of timings, what is taken without much else going on,
 * and less a matter of luck than the least.
 */
export function lowerEighth(values: readonly number[]): number {
  if (values.length === 0) {
    throw new RangeError("Cannot take an eighth: there must be values, got 0");
  }
  return [...values].sort((a, b) => a - b)[values.length >> 3];
}

/** How a ratio is known: its median and the ends of a bootstrap interval of 95 %. */
export interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;

/**
 * The ratio of paired timings, `a[i] / b[i]`, with an interval from resampling the pairs.
 *
 * @param seed The same seed gives the same interval.
 */
export function ratioOf(a: readonly number[], b: readonly number[], seed = 1): Ratio {
  if (a.length !== b.length) {
    throw new RangeError(`Cannot compare: timings must be paired, got ${a.length} and ${b.length}`);
  }
  const ratios = a.map((value, i) => value / b[i]);
  const next = random(seed);
  const medians = Array.from(
    { length: RESAMPLES },
    () => median(ratios.map(() => ratios[Math.floor(next() * ratios.length)])),
  )
    .sort((x, y) => x - y);
  return {
    median: median(ratios),
    low: medians[Math.floor(RESAMPLES * 0.025)],
    high: medians[Math.ceil(RESAMPLES * 0.975) - 1],
  };
}
