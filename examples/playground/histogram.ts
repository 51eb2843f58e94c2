/**
 * How often values occur.
 *
 * @module
 */

/** A histogram, and what it is of in two numbers. */
export interface Bars {
  /** How many values are in each of equally wide bars; the outer ones hold what lies beyond. */
  readonly counts: readonly number[];
  /** Where the first bar begins. */
  readonly from: number;
  /** Where the last bar ends. */
  readonly to: number;
  readonly mean: number;
  readonly deviation: number;
}

const BARS = 64;

/** Standard deviations to each side that are shown. */
const REACH = 4;

/** Counts values over their range, but no further than a few standard deviations from the mean. */
export function histogram(values: Float32Array): Bars {
  let least = Infinity;
  let most = -Infinity;
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
  }
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / values.length);
  const from = Math.max(least, mean - REACH * deviation);
  const to = Math.min(most, mean + REACH * deviation);
  const counts = new Array<number>(BARS).fill(0);
  const scale = to > from ? BARS / (to - from) : 0;
  for (const value of values) {
    const bar = scale === 0 ? BARS >> 1 : Math.floor((value - from) * scale);
    counts[Math.min(BARS - 1, Math.max(0, bar))]++;
  }
  return { counts, from, to, mean, deviation };
}
