/**
 * How far data are from independent normal numbers.
 *
 * @module
 */

/** Bins of the histograms, over a range of deviations. */
export const BINS = 48;
export const REACH = 4;

/** The divergence of the marginals from standard normal numbers, in nats, added up. */
export function marginalDivergence(data: ArrayLike<number>, n: number): number {
  let sum = 0;
  for (let c = 0; c < n; c++) sum += divergence(column(data, n, c));
  return sum;
}

/**
 * The mean over all pairs of columns of the information that they share, in nats: from histograms over
 * bins of equally many numbers, less what the histograms would show of independent numbers.
 */
export function pairwiseInformation(data: ArrayLike<number>, n: number): number {
  const size = 12;
  const ranks = Array.from({ length: n }, (_, c) => quantiles(column(data, n, c), size));
  const count = data.length / n;
  let sum = 0;
  let pairs = 0;
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const table = new Float64Array(size * size);
      for (let i = 0; i < count; i++) table[ranks[a][i] * size + ranks[b][i]]++;
      // The bins have equal counts, so that independent columns have size^-2 in each cell.
      for (const cell of table) {
        if (cell > 0) sum += cell / count * Math.log(cell / count * size * size);
      }
      sum -= (size - 1) ** 2 / (2 * count);
      pairs++;
    }
  }
  return sum / pairs;
}

/** A column of rows of n. */
export function column(data: ArrayLike<number>, n: number, c: number): Float64Array {
  return Float64Array.from({ length: data.length / n }, (_, i) => data[i * n + c]);
}

/** Numbers with mean 0 and variance 1. */
export function standardized(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map((value) => (value - mean) / Math.sqrt(variance));
}

/** The density of all numbers of some columns over -REACH to REACH. */
export function density(columns: readonly Float64Array[]): [x: number, y: number][] {
  const counts = new Float64Array(BINS);
  let total = 0;
  for (const values of columns) {
    total += values.length;
    for (const value of values) {
      const bin = Math.floor((value / REACH + 1) / 2 * BINS);
      if (bin >= 0 && bin < BINS) counts[bin]++;
    }
  }
  const width = 2 * REACH / BINS;
  return Array.from(counts, (count, bin) => [(bin + 0.5) * width - REACH, count / total / width]);
}

/** Counts of pairs over the square from -REACH to REACH, divided by the largest of each column. */
export function conditional(x: Float64Array, y: Float64Array): Float64Array {
  const counts = new Float64Array(BINS * BINS);
  const bin = (value: number) => Math.floor((value / REACH + 1) / 2 * BINS);
  x.forEach((value, i) => {
    const column = bin(value);
    const row = bin(y[i]);
    if (column < 0 || column >= BINS || row < 0 || row >= BINS) return;
    counts[row * BINS + column]++;
  });
  for (let column = 0; column < BINS; column++) {
    let most = 0;
    let total = 0;
    for (let row = 0; row < BINS; row++) {
      most = Math.max(most, counts[row * BINS + column]);
      total += counts[row * BINS + column];
    }
    // Too few to say anything.
    const divisor = total < 60 ? Infinity : most;
    for (let row = 0; row < BINS; row++) counts[row * BINS + column] /= divisor;
  }
  return counts;
}

/**
 * From the entropy by spacings between sorted numbers (Vasicek 1976). A mean other than 0 and a variance
 * other than 1 count as well.
 */
function divergence(values: Float64Array): number {
  const sorted = values.slice().sort();
  const n = sorted.length;
  const m = Math.round(Math.sqrt(n));
  let sum = 0.5 * Math.log(2 * Math.PI);
  for (let i = 0; i < n; i++) {
    const low = Math.max(0, i - m);
    const high = Math.min(n - 1, i + m);
    const entropy = Math.log(Math.max(sorted[high] - sorted[low], 1e-12) * n / (high - low));
    sum += (sorted[i] ** 2 / 2 - entropy) / n;
  }
  return sum;
}

/** In which of `size` bins of equally many numbers each number is. */
function quantiles(values: Float64Array, size: number): Uint8Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const bins = new Uint8Array(values.length);
  order.forEach((i, rank) => bins[i] = Math.floor(rank * size / values.length));
  return bins;
}
