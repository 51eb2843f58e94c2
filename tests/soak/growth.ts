/**
 * Whether a measurement grows.
 *
 * @module
 */

/** What was measured at some time. */
export interface Sample {
  readonly seconds: number;
  readonly values: Readonly<Record<string, number>>;
}

/** How one measurement went after the warm-up. */
export interface Trend {
  readonly name: string;
  /** What a straight line through all samples gains from the first to the last. */
  readonly gained: number;
  /** By how much the median of the last quarter of the samples is above that of the first. */
  readonly raised: number;
  readonly allowed: number;
  readonly grows: boolean;
}

/**
 * Judges measurements. The first third of the time is warm-up and does not count. Of the rest, a
 * measurement grows if both the line of least squares and the medians of the first and the last
 * quarter rise by more than is allowed: one peak moves neither, and steps move both.
 *
 * @param samples In the order of time.
 * @param allowed How much each measurement may rise.
 * @throws {RangeError} If fewer than eight samples are left after the warm-up.
 */
export function trendsOf(
  samples: readonly Sample[],
  allowed: Readonly<Record<string, number>>,
): Trend[] {
  const from = (samples.at(-1)?.seconds ?? 0) / 3;
  const counted = samples.filter(({ seconds }) => seconds >= from);
  if (counted.length < 8) {
    throw new RangeError(
      `Cannot judge growth: there must be 8 samples after the warm-up, got ${counted.length}`,
    );
  }
  const times = counted.map(({ seconds }) => seconds);
  const quarter = Math.floor(counted.length / 4);
  return Object.entries(allowed).map(([name, most]) => {
    const values = counted.map(({ values }) => values[name]);
    const gained = slopeOf(times, values) * (times.at(-1)! - times[0]);
    const raised = median(values.slice(-quarter)) - median(values.slice(0, quarter));
    return { name, gained, raised, allowed: most, grows: gained > most && raised > most };
  });
}

function slopeOf(x: readonly number[], y: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((sum, v) => sum + v, 0) / list.length;
  const meanX = mean(x);
  const meanY = mean(y);
  let along = 0;
  let square = 0;
  for (let i = 0; i < x.length; i++) {
    along += (x[i] - meanX) * (y[i] - meanY);
    square += (x[i] - meanX) ** 2;
  }
  return along / square;
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
