/**
 * The vector-Jacobian product of any norm in float64.
 *
 * @module
 */
import { type Array64, array64, type NumberArray } from "./array.ts";

/** What {@linkcode normVjp} is told beside x and the cotangent of y. */
export interface NormVjpOptions {
  /** For each element of x the set whose mean and variance it shares. */
  sets: ArrayLike<number>;
  /** For each element of x the place in gamma and beta that it is scaled and shifted by. */
  places: ArrayLike<number>;
  /** Scale per place; its length is the number of places. */
  gamma: ArrayLike<number>;
  /** Added to the variance, inside the root. */
  epsilon: number;
}

/** Gradients of `sum(dy * y)`. */
export interface NormGradients {
  dx: Array64;
  dBeta: Float64Array;
  dGamma: Float64Array;
}

/**
 * Gradients of `y = (x - mean) / sqrt(variance + epsilon) * gamma + beta`: with s the inverse root,
 * h = dy gamma and means over a set, `dx = s (h - mean(h) - xhat mean(h xhat))`, and sums over a place
 * `dGamma = sum(dy xhat)`, `dBeta = sum(dy)`.
 *
 * Source: docs/semantics.md, sections 4.5 and 5.10.
 *
 * @param x Any shape. Not modified.
 * @param dy As many numbers. Not modified.
 * @param options Sets, places and parameters.
 * @returns The gradients.
 */
export function normVjp(
  x: NumberArray,
  dy: ArrayLike<number>,
  { sets, places, gamma, epsilon }: NormVjpOptions,
): NormGradients {
  const { data } = x;
  const h = Float64Array.from(dy, (g, i) => g * gamma[places[i]]);
  const mean = means(data, sets);
  const centred = Float64Array.from(data, (value, i) => value - mean[sets[i]]);
  const variance = means(centred.map((value) => value * value), sets);
  const inverse = variance.map((value) => 1 / Math.sqrt(value + epsilon));
  const normal = centred.map((value, i) => value * inverse[sets[i]]);
  const along = means(h, sets);
  const across = means(h.map((value, i) => value * normal[i]), sets);
  const dx = array64(data, x.shape);
  const dBeta = new Float64Array(gamma.length);
  const dGamma = new Float64Array(gamma.length);
  for (let i = 0; i < data.length; i++) {
    const set = sets[i];
    dx.data[i] = inverse[set] * (h[i] - along[set] - normal[i] * across[set]);
    dBeta[places[i]] += dy[i];
    dGamma[places[i]] += dy[i] * normal[i];
  }
  return { dx, dBeta, dGamma };
}

function means(values: ArrayLike<number>, sets: ArrayLike<number>): number[] {
  const sums: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < values.length; i++) {
    sums[sets[i]] = (sums[sets[i]] ?? 0) + values[i];
    counts[sets[i]] = (counts[sets[i]] ?? 0) + 1;
  }
  return sums.map((sum, set) => sum / counts[set]);
}
