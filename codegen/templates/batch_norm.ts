/** What batch norm computes per channel: the moving statistics, and the corrections of renorm. */
import type { Cell, Vector } from "./_coordinates.ts";

declare const UNBIASED: boolean;

/** The variance of a set; unbiased divides by count - 1, and by 1 for a single element. */
export function variance(this: Cell<never>, squares: Vector, count: Vector): number {
  return squares[this.cell.c] / (UNBIASED ? Math.max(count[0] - 1, 1) : count[0]);
}

/** The standard deviation that renorm uses: sqrt(squares / count + epsilon). */
export function deviation(
  this: Cell<never>,
  squares: Vector,
  count: Vector,
  epsilon: number,
): number {
  return Math.sqrt(squares[this.cell.c] / count[0] + epsilon);
}

/**
 * One step of an exponential moving average, with rate = 1 - decay. The difference is added to the one that
 * is nearer to the result, so that a large other one leaves no rounding of its own size. Where there is
 * no finite difference, both are weighted, and one of weight 0 does not count, whatever it is.
 */
export function movingAverage(
  this: Cell<never>,
  moving: Vector,
  value: Vector,
  rate: number,
): number {
  const difference = moving[this.cell.c] - value[this.cell.c];
  const near = rate > 0.5
    ? value[this.cell.c] + difference * (1 - rate)
    : moving[this.cell.c] - difference * rate;
  const kept = rate < 1 ? moving[this.cell.c] * (1 - rate) : 0;
  const added = rate > 0 ? value[this.cell.c] * rate : 0;
  return Math.abs(difference) <= 3.4028234663852886e38 ? near : kept + added;
}

/** A zero-started moving average divided by the weight that it has collected. */
export function debiased(this: Cell<never>, biased: Vector, weight: Vector): number {
  return biased[this.cell.c] / weight[0];
}

/**
 * The weight that a zero-started moving average has collected after some steps: 1 - (1 - rate)^step. It
 * is built from `rate` by doubling (the weight of 2m steps is w (2 - w)), which unlike the power itself
 * loses no digits for rates near zero. Steps are counted up to 2^24, beyond which float32 has no next.
 */
export function collectedWeight(this: Cell<never>, step: Vector, rate: number): number {
  let weight = 0;
  let power = rate;
  let left = Math.min(step[0], 16777216);
  for (let bit = 0; bit < 25; bit++) {
    const half = Math.floor(left * 0.5);
    if (left - 2 * half > 0.5) {
      weight = weight + power - weight * power;
    }
    power = power * (2 - power);
    left = half;
  }
  return weight;
}

/** Renorm's r: the batch's deviation over the moving one, kept in [rmin, rmax]. */
export function renormScale(
  this: Cell<never>,
  deviation: Vector,
  renormStddev: Vector,
  epsilon: number,
  rmin: number,
  rmax: number,
): number {
  const r = deviation[this.cell.c] / Math.max(renormStddev[this.cell.c], Math.sqrt(epsilon));
  return Math.min(Math.max(r, rmin), rmax);
}

/** Renorm's d: how many moving deviations the batch's mean lies from the moving one, within dmax. */
export function renormOffset(
  this: Cell<never>,
  shift: Vector,
  delta: Vector,
  renormMean: Vector,
  renormStddev: Vector,
  epsilon: number,
  dmax: number,
): number {
  const d = (shift[this.cell.c] - renormMean[this.cell.c] + delta[this.cell.c]) /
    Math.max(renormStddev[this.cell.c], Math.sqrt(epsilon));
  return Math.min(Math.max(d, -dmax), dmax);
}

/** The moving variance that belongs to a moving deviation: max(0, stddev^2 - epsilon). */
export function renormVariance(this: Cell<never>, stddev: Vector, epsilon: number): number {
  return Math.max(stddev[this.cell.c] * stddev[this.cell.c] - epsilon, 0);
}
