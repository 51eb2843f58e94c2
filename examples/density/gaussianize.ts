/**
 * Gaussianization without a divisor: of every marginal by itself, and of the radius.
 *
 * @module
 */

/** A monotone function that is linear between knots, and beyond the last ones as before them. */
export interface Mapping {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Numbers after a transform, and what it takes from their divergence from normal numbers, in nats. */
export interface Gaussianized {
  readonly y: Float64Array;
  /** On average of one sample, by eq. 5 of the paper. */
  readonly gain: number;
}

/** The knots are at the quantiles of these deviations of a normal number. */
const REACH = 3;
const STEP = 0.1;

/** Maps each column of rows of n to normal numbers, as the columns of `fitted` would have it. */
export function marginally(
  fitted: ArrayLike<number>,
  data: ArrayLike<number>,
  n: number,
): Gaussianized {
  const y = new Float64Array(data.length);
  let sum = 0;
  for (let c = 0; c < n; c++) {
    const column = Float64Array.from({ length: fitted.length / n }, (_, i) => fitted[i * n + c]);
    const mapping = mappingOf(column, (z) => z);
    for (let i = c; i < data.length; i += n) {
      const { value, slope } = mapped(mapping, data[i]);
      y[i] = value;
      sum += (data[i] ** 2 - value ** 2) / 2 + Math.log(slope);
    }
  }
  return { y, gain: sum / (data.length / n) };
}

/**
 * Maps the radius of each row of n to that of n independent normal numbers, as the rows of `fitted`
 * would have it, and keeps the direction.
 *
 * Source: Lyu and Simoncelli, "Nonlinear Extraction of Independent Components of Natural Images Using
 * Radial Gaussianization", 2009.
 */
export function radially(
  fitted: ArrayLike<number>,
  data: ArrayLike<number>,
  n: number,
): Gaussianized {
  const mapping = mappingOf(radii(fitted, n), (z) => chiQuantile(chanceBelow(z), n));
  // Radii begin at 0.
  const from = [0, ...mapping.from];
  const to = [0, ...mapping.to];
  const y = new Float64Array(data.length);
  let sum = 0;
  radii(data, n).forEach((radius, i) => {
    const { value, slope } = mapped({ from, to }, radius);
    const factor = radius > 0 ? value / radius : slope;
    for (let c = 0; c < n; c++) y[i * n + c] = factor * data[i * n + c];
    sum += (radius ** 2 - value ** 2) / 2 + (n - 1) * Math.log(factor) + Math.log(slope);
  });
  return { y, gain: sum / (data.length / n) };
}

/** The chance that a radius of n independent standard normal numbers is below r. */
export function chiBelow(r: number, n: number): number {
  const x = r * r / 2;
  const a = n / 2;
  // The series of the lower incomplete gamma function: x^a e^-x sum of x^k / (a (a + 1) ... (a + k)).
  let term = 1 / a;
  let sum = term;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return Math.min(1, x ** a * Math.exp(-x) / gamma(a) * sum);
}

/** The radius below which it is with a chance of p. */
function chiQuantile(p: number, n: number): number {
  let low = 0;
  let high = Math.sqrt(n) + 10; // nothing is beyond
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (chiBelow(middle, n) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The chance that a standard normal number is below z. */
function chanceBelow(z: number): number {
  return (1 + Math.sign(z) * chiBelow(Math.abs(z), 1)) / 2;
}

/** The gamma function of a multiple of 1/2, from 1/2. */
function gamma(a: number): number {
  if (a === 0.5) return Math.sqrt(Math.PI);
  return a === 1 ? 1 : (a - 1) * gamma(a - 1);
}

/** Maps quantiles of values to where `target` has those of a normal number. */
function mappingOf(values: Float64Array, target: (z: number) => number): Mapping {
  const sorted = values.slice().sort();
  const from: number[] = [];
  const to: number[] = [];
  for (let k = 0; k <= Math.round(2 * REACH / STEP); k++) {
    const z = k * STEP - REACH;
    const at = chanceBelow(z) * sorted.length - 0.5;
    const below = Math.min(sorted.length - 1, Math.max(0, Math.floor(at)));
    const above = Math.min(sorted.length - 1, below + 1);
    const share = Math.min(1, Math.max(0, at - below));
    const value = sorted[below] + share * (sorted[above] - sorted[below]);
    if (from.length > 0 && !(value > from.at(-1)!)) continue; // of too few values
    from.push(value);
    to.push(target(z));
  }
  return { from, to };
}

function mapped({ from, to }: Mapping, value: number): { value: number; slope: number } {
  let low = 0;
  let high = from.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (from[middle] <= value) low = middle;
    else high = middle;
  }
  const slope = (to[high] - to[low]) / (from[high] - from[low]);
  return { value: to[low] + slope * (value - from[low]), slope };
}

function radii(data: ArrayLike<number>, n: number): Float64Array {
  return Float64Array.from({ length: data.length / n }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < n; c++) sum += data[i * n + c] ** 2;
    return Math.sqrt(sum);
  });
}
