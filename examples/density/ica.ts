/**
 * Independent component analysis: the rotation of whitened data whose components are least normal.
 *
 * @module
 */
import { eigen, multiply, transposed } from "../shared/linear.ts";
import type { Random } from "../shared/random.ts";

const STEPS = 60;

/**
 * FastICA with all components at once and the nonlinearity tanh.
 *
 * Source: Hyvarinen, "Fast and Robust Fixed-Point Algorithms for Independent Component Analysis", 1999.
 *
 * @returns The rotation, (dimensions, components).
 */
export function independentComponents(z: Float64Array, n: number, random: Random): Float64Array {
  const count = z.length / n;
  let w = orthogonal(Float64Array.from({ length: n * n }, () => random.normal()), n);
  for (let step = 0; step < STEPS; step++) {
    const activity = multiply(z, w, n, n).map(Math.tanh);
    const slopes = new Float64Array(n);
    activity.forEach((value, i) => slopes[i % n] += (1 - value * value) / count);
    const product = multiply(transposed(z, n), activity, count, n);
    w = orthogonal(product.map((value, i) => value / count - slopes[i % n] * w[i]), n);
  }
  return w;
}

/** The nearest matrix with orthonormal columns: w (w' w)^(-1/2). */
function orthogonal(w: Float64Array, n: number): Float64Array {
  const { values, vectors } = eigen(multiply(transposed(w, n), w, n, n), n);
  const scaled = vectors.map((value, i) => value / Math.sqrt(values[i % n]));
  return multiply(w, multiply(scaled, transposed(vectors, n), n, n), n, n);
}
