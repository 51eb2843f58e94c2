/**
 * The logarithm of the determinant of GDN's Jacobian, and its gradient. Everything else of the
 * likelihood is in the library; this is a matrix of its own for every sample.
 *
 * @module
 */
import { inverse } from "../shared/linear.ts";

/** What the determinants of some samples add up to, and its gradient. */
export interface LogDeterminants {
  readonly sum: number;
  /** Shape of the samples. */
  readonly x: Float32Array;
  readonly beta: Float64Array;
  readonly gamma: Float64Array;
}

/**
 * `sum over samples of log |det dy/dx|` for `y = x / sqrt(u)`, `u = beta + x^2 gamma`. With
 * `M[i, j] = u[i] (i = j) - x[i] gamma[j, i] x[j]`, `dy[i]/dx[j] = u[i]^(-3/2) M[i, j]`, so that the
 * logarithm is `log |det M| - 3/2 sum log u` and its differential `tr(M^-1 dM) - 3/2 sum du / u`.
 *
 * Source: Balle, Laparra and Simoncelli, "Density Modeling of Images using a Generalized Normalization
 * Transformation", 2016, section 2.
 */
export function logDeterminants(
  x: ArrayLike<number>,
  beta: ArrayLike<number>,
  gamma: ArrayLike<number>,
): LogDeterminants {
  const n = beta.length;
  const count = x.length / n;
  const gradient = {
    x: new Float32Array(x.length),
    beta: new Float64Array(n),
    gamma: new Float64Array(n * n),
  };
  const u = new Float64Array(n);
  const m = new Float64Array(n * n);
  const ofU = new Float64Array(n);
  let sum = 0;
  for (let s = 0; s < count; s++) {
    const at = s * n;
    for (let i = 0; i < n; i++) {
      u[i] = beta[i];
      for (let j = 0; j < n; j++) u[i] += gamma[j * n + i] * x[at + j] ** 2;
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        m[i * n + j] = (i === j ? u[i] : 0) - x[at + i] * gamma[j * n + i] * x[at + j];
      }
      sum -= 1.5 * Math.log(u[i]);
    }
    const { inverse: a, logDeterminant } = inverse(m, n);
    sum += logDeterminant;
    for (let i = 0; i < n; i++) {
      ofU[i] = a[i * n + i] - 1.5 / u[i];
      gradient.beta[i] += ofU[i];
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const xi = x[at + i];
        const xj = x[at + j];
        const weight = gamma[j * n + i];
        const back = a[j * n + i];
        gradient.gamma[j * n + i] += ofU[i] * xj * xj - back * xi * xj;
        gradient.x[at + j] += 2 * ofU[i] * weight * xj - back * weight * xi;
        gradient.x[at + i] -= back * weight * xj;
      }
    }
  }
  return { sum, ...gradient };
}
