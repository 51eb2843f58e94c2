/**
 * The little linear algebra that the examples need, in float64: matrices are row-major.
 *
 * @module
 */

/** Inverse and logarithm of the absolute determinant, by elimination with pivots. */
export function inverse(matrix: ArrayLike<number>, n: number): {
  readonly inverse: Float64Array;
  readonly logDeterminant: number;
} {
  const a = Float64Array.from(matrix);
  const b = identity(n);
  let logDeterminant = 0;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
    }
    for (let j = 0; j < n; j++) {
      [a[k * n + j], a[pivot * n + j]] = [a[pivot * n + j], a[k * n + j]];
      [b[k * n + j], b[pivot * n + j]] = [b[pivot * n + j], b[k * n + j]];
    }
    const head = a[k * n + k];
    logDeterminant += Math.log(Math.abs(head));
    for (let j = 0; j < n; j++) {
      a[k * n + j] /= head;
      b[k * n + j] /= head;
    }
    for (let i = 0; i < n; i++) {
      const factor = a[i * n + k];
      if (i === k || factor === 0) continue;
      for (let j = 0; j < n; j++) {
        a[i * n + j] -= factor * a[k * n + j];
        b[i * n + j] -= factor * b[k * n + j];
      }
    }
  }
  return { inverse: b, logDeterminant };
}

/** Eigenvalues, largest first, and the eigenvectors as columns, of a symmetric matrix, by Jacobi. */
export function eigen(matrix: ArrayLike<number>, n: number): {
  readonly values: number[];
  readonly vectors: Float64Array;
} {
  const a = Float64Array.from(matrix);
  const v = identity(n);
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i]);
  return {
    values: order.map((i) => a[i * n + i]),
    vectors: v.map((_, k) => v[Math.floor(k / n) * n + order[k % n]]),
  };
}

/** One rotation of Jacobi's method: makes the element (p, q) zero. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q];
  if (Math.abs(off) < 1e-300) return;
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const turn = (m: Float64Array, i: number, j: number) => {
    const x = m[i];
    const y = m[j];
    m[i] = c * x - s * y;
    m[j] = s * x + c * y;
  };
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k);
  for (let k = 0; k < n; k++) turn(v, k * n + p, k * n + q);
}

/** The product of a (rows, inner) and b (inner, columns). */
export function multiply(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  inner: number,
  columns: number,
): Float64Array {
  const rows = a.length / inner;
  const y = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k];
      for (let j = 0; j < columns; j++) y[i * columns + j] += factor * b[k * columns + j];
    }
  }
  return y;
}

/** The matrix turned over: rows become columns. */
export function transposed(a: ArrayLike<number>, columns: number): Float64Array {
  const rows = a.length / columns;
  return Float64Array.from(
    { length: a.length },
    (_, k) => a[(k % rows) * columns + Math.floor(k / rows)],
  );
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => k % (n + 1) === 0 ? 1 : 0);
}
