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

/** Values that have no histogram, as some of them are not finite. */
export interface NotFinite {
  readonly nan: number;
  readonly infinite: number;
  /** How many values there are in all. */
  readonly all: number;
}

const BARS = 64;

/** Standard deviations to each side that are shown. */
const REACH = 4;

/** Counts values over their range, but no further than a few standard deviations from the mean. */
export function histogram(values: Float32Array): Bars | NotFinite {
  let least = Infinity;
  let most = -Infinity;
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) return notFinite(values);
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

/** What is said in place of a histogram. */
export function notFiniteText({ nan, infinite, all }: NotFinite): string {
  const found = [
    ...nan > 0 ? [`${nan} NaN`] : [],
    ...infinite > 0 ? [`${infinite} infinite`] : [],
  ];
  return `No histogram: of ${all} values, ${found.join(" and ")}`;
}

function notFinite(values: Float32Array): NotFinite {
  let nan = 0;
  let infinite = 0;
  for (const value of values) {
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
  }
  return { nan, infinite, all: values.length };
}
