/**
 * Arrays of dual numbers in float64: values with their slopes along one direction.
 *
 * @module
 */

/** An array of dual numbers. */
export interface Dual {
  readonly shape: readonly number[];
  readonly values: Float64Array;
  readonly slopes: Float64Array;
}

/** How near any number has come to a place where a function has no slope. */
export interface Kinks {
  nearest: number;
}

const lengthOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** An array of zeros. */
export function dual(shape: readonly number[]): Dual {
  const length = lengthOf(shape);
  return { shape, values: new Float64Array(length), slopes: new Float64Array(length) };
}

/** Numbers that move along `slopes`, or stay where they are. */
export function dualOf(
  values: ArrayLike<number>,
  shape: readonly number[],
  slopes: ArrayLike<number> = new Float64Array(values.length),
): Dual {
  return { shape, values: Float64Array.from(values), slopes: Float64Array.from(slopes) };
}

/** A function of every number, and its slope there. */
export function map(
  x: Dual,
  of: (value: number) => number,
  slope: (value: number) => number,
): Dual {
  const y = dual(x.shape);
  x.values.forEach((value, i) => {
    y.values[i] = of(value);
    y.slopes[i] = slope(value) * x.slopes[i];
  });
  return y;
}

/** A function of the numbers of two arrays, as numpy broadcasts them, and its slopes. */
function zip(
  a: Dual,
  b: Dual,
  of: (a: number, b: number) => number,
  slope: (a: number, b: number, da: number, db: number) => number,
): Dual {
  const rank = Math.max(a.shape.length, b.shape.length);
  const extent = (x: Dual, axis: number) => x.shape[axis - rank + x.shape.length] ?? 1;
  const shape = Array.from(
    { length: rank },
    (_, axis) => Math.max(extent(a, axis), extent(b, axis)),
  );
  const y = dual(shape);
  const place = (x: Dual, index: readonly number[]) =>
    index.reduce((at, i, axis) => {
      const own = axis - rank + x.shape.length;
      return own < 0 ? at : at * x.shape[own] + (x.shape[own] === 1 ? 0 : i);
    }, 0);
  const index = new Array<number>(rank).fill(0);
  for (let i = 0; i < y.values.length; i++) {
    const at = place(a, index);
    const bt = place(b, index);
    y.values[i] = of(a.values[at], b.values[bt]);
    y.slopes[i] = slope(a.values[at], b.values[bt], a.slopes[at], b.slopes[bt]);
    for (let axis = rank - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return y;
}

export const add = (a: Dual, b: Dual) => zip(a, b, (a, b) => a + b, (_a, _b, da, db) => da + db);
export const sub = (a: Dual, b: Dual) => zip(a, b, (a, b) => a - b, (_a, _b, da, db) => da - db);
export const mul = (a: Dual, b: Dual) =>
  zip(a, b, (a, b) => a * b, (a, b, da, db) => da * b + a * db);
export const div = (a: Dual, b: Dual) =>
  zip(a, b, (a, b) => a / b, (a, b, da, db) => (da - a / b * db) / b);
export const scale = (x: Dual, factor: number) => map(x, (v) => v * factor, () => factor);
export const plus = (x: Dual, term: number) => map(x, (v) => v + term, () => 1);
export const square = (x: Dual) => map(x, (v) => v * v, (v) => 2 * v);
export const sqrt = (x: Dual) => map(x, Math.sqrt, (v) => 0.5 / Math.sqrt(v));
export const exp = (x: Dual) => map(x, Math.exp, Math.exp);
export const log = (x: Dual) => map(x, Math.log, (v) => 1 / v);
export const pow = (x: Dual, n: number) => map(x, (v) => v ** n, (v) => n * v ** (n - 1));

/** A function whose slope jumps at a value. */
export function withKink(
  x: Dual,
  at: number,
  kinks: Kinks,
  of: (value: number) => number,
  slope: (value: number) => number,
): Dual {
  for (const value of x.values) kinks.nearest = Math.min(kinks.nearest, Math.abs(value - at));
  return map(x, of, slope);
}

/** The same numbers under another shape. */
export function reshape({ values, slopes }: Dual, shape: readonly number[]): Dual {
  return { shape, values, slopes };
}

/** Sums over axes, which stay with one element. */
export function sumKept(x: Dual, axes: readonly number[]): Dual {
  const shape = x.shape.map((extent, axis) => axes.includes(axis) ? 1 : extent);
  const y = dual(shape);
  const index = new Array<number>(x.shape.length).fill(0);
  for (let i = 0; i < x.values.length; i++) {
    const at = index.reduce((at, j, axis) => at * shape[axis] + (shape[axis] === 1 ? 0 : j), 0);
    y.values[at] += x.values[i];
    y.slopes[at] += x.slopes[i];
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === x.shape[axis]; axis--) {
      index[axis] = 0;
    }
  }
  return y;
}

/** Means over axes, which stay with one element. */
export function meanKept(x: Dual, axes: readonly number[]): Dual {
  const count = axes.reduce((count, axis) => count * x.shape[axis], 1);
  return scale(sumKept(x, axes), 1 / count);
}

/** The product of rows and a matrix. */
export function matmul(a: Dual, b: Dual): Dual {
  const inner = a.shape.at(-1)!;
  const columns = b.shape[1];
  const rows = a.values.length / inner;
  const y = dual([...a.shape.slice(0, -1), columns]);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      for (let k = 0; k < inner; k++) {
        const i = r * inner + k;
        const j = k * columns + c;
        y.values[r * columns + c] += a.values[i] * b.values[j];
        y.slopes[r * columns + c] += a.slopes[i] * b.values[j] + a.values[i] * b.slopes[j];
      }
    }
  }
  return y;
}

/** The last two axes exchanged. */
export function transpose(x: Dual): Dual {
  const [rows, columns] = x.shape.slice(-2);
  const y = dual([...x.shape.slice(0, -2), columns, rows]);
  for (let i = 0; i < x.values.length; i++) {
    const matrix = Math.floor(i / (rows * columns)) * rows * columns;
    const row = Math.floor(i % (rows * columns) / columns);
    const at = matrix + (i % columns) * rows + row;
    y.values[at] = x.values[i];
    y.slopes[at] = x.slopes[i];
  }
  return y;
}
