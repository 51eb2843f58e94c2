/**
 * Summaries in float64, in which the host merges them.
 *
 * @module
 */
import type { Tensor } from "../tensor/types.ts";
import type { Moments } from "./summary.ts";

/** The numbers of a summary; one count for each mean, or for runs of means as long as each other. */
export interface WideMoments {
  readonly count: Float64Array;
  readonly mean: Float64Array;
  readonly m2: Float64Array;
}

/** A summary with the digits that float32 has taken from it. */
export function widened({ count, countLow, mean, low, m2, m2Low }: Moments): WideMoments {
  return {
    count: sumOf(count, countLow),
    mean: sumOf(mean, low),
    m2: sumOf(m2, m2Low),
  };
}

/** The summary of all parts together, merged in their order; a part of count 0 changes nothing. */
export function mergeWide([first, ...others]: readonly WideMoments[]): WideMoments {
  const mean = first.mean.slice();
  const m2 = first.m2.slice();
  let { count } = first;
  for (const part of others) {
    // Means that share a count lie side by side.
    const runs = Math.max(count.length, part.count.length);
    const run = mean.length / runs;
    for (let i = 0; i < runs; i++) {
      const na = count[i % count.length];
      const nb = part.count[i % part.count.length];
      for (let k = i * run; k < (i + 1) * run; k++) {
        if (nb > 0 && na > 0) {
          const share = nb / (na + nb);
          const d = part.mean[k] - mean[k];
          mean[k] += d * share;
          m2[k] += part.m2[k] + d * d * na * share;
        } else if (na === 0) {
          mean[k] = nb === 0 ? 0 : part.mean[k];
          m2[k] = nb === 0 ? 0 : part.m2[k];
        }
      }
    }
    count = addCounts(count, part.count);
  }
  return { count, mean, m2 };
}

/** A summary as pairs of float32 numbers. */
export function narrowed(
  { count, mean, m2 }: WideMoments,
  shapes: { readonly count: readonly number[]; readonly mean: readonly number[] },
): Required<Moments> {
  const [counts, means, squares] = [count, mean, m2].map(pairOf);
  return {
    count: { shape: [...shapes.count], data: counts.high },
    mean: { shape: [...shapes.mean], data: means.high },
    low: { shape: [...shapes.mean], data: means.low },
    m2: { shape: [...shapes.mean], data: squares.high },
    countLow: { shape: [...shapes.count], data: counts.low },
    m2Low: { shape: [...shapes.mean], data: squares.low },
  };
}

/** The counts of both; those of nothing are a single 0, however many the others are. */
function addCounts(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from(
    { length: Math.max(a.length, b.length) },
    (_, i) => a[i % a.length] + b[i % b.length],
  );
}

function sumOf({ data: high }: Tensor, low: Tensor | undefined): Float64Array {
  // Nothing is taken from what is infinite, whose rest is no number.
  return Float64Array.from(
    high,
    (value, i) => low === undefined || !Number.isFinite(value) ? value : value + low.data[i],
  );
}

function pairOf(numbers: Float64Array): {
  readonly high: Float32Array<ArrayBuffer>;
  readonly low: Float32Array<ArrayBuffer>;
} {
  const high = Float32Array.from(numbers);
  const low = Float32Array.from(
    numbers,
    (value, i) => Number.isFinite(high[i]) ? value - high[i] : 0,
  );
  return { high, low };
}
