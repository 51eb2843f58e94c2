/**
 * The arithmetic of pipelines in float64, from the definitions of NumPy (broadcasting, `sum`, `mean`,
 * `swapaxes`), of Keras (`Dense`, the constraints and regularizers) and of the cross entropy.
 *
 * @module
 */
import {
  type Array64,
  array64,
  broadcastIndex,
  coordinatesOf,
  type NumberArray,
  sizeOf,
  transpose,
} from "./array.ts";

/**
 * The shape in which two others repeat, or none if they do not fit; axes are aligned at the back. Written
 * apart from the library's on purpose.
 */
export function commonShape(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const filled = (shape: readonly number[]) => [
    ...new Array<number>(rank - shape.length).fill(1),
    ...shape,
  ];
  const left = filled(a);
  const right = filled(b);
  const fits = left.every((extent, axis) => [1, right[axis]].includes(extent) || right[axis] === 1);
  return fits ? left.map((extent, axis) => extent === 1 ? right[axis] : extent) : undefined;
}

/** `f(a, b)` element by element; axes are aligned at the back, and those of size 1 repeat. */
export function combined(
  a: NumberArray,
  b: NumberArray,
  f: (a: number, b: number) => number,
): Array64 {
  const shape = commonShape(a.shape, b.shape)!;
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
    const at = coordinatesOf(i, shape);
    return f(a.data[broadcastIndex(at, a.shape)], b.data[broadcastIndex(at, b.shape)]);
  });
  return { shape, data };
}

/** `f(x)` element by element. */
export function each(x: NumberArray, f: (x: number) => number): Array64 {
  return array64(Float64Array.from(x.data, f), x.shape);
}

/** The sum over axes, which the result lacks. */
export function summed(x: NumberArray, axes: readonly number[]): Array64 {
  const pooled = axes.map((axis) => axis < 0 ? axis + x.shape.length : axis);
  const keeps = (axis: number) => !pooled.includes(axis);
  const shape = x.shape.filter((_, axis) => keeps(axis));
  const sum = { shape, data: new Float64Array(sizeOf(shape)) };
  for (let i = 0; i < x.data.length; i++) {
    const at = coordinatesOf(i, x.shape).filter((_, axis) => keeps(axis));
    sum.data[broadcastIndex(at, shape)] += x.data[i];
  }
  return sum;
}

/** The mean over axes, which the result lacks. */
export function averaged(x: NumberArray, axes: readonly number[]): Array64 {
  const sum = summed(x, axes);
  return each(sum, (total) => total * sum.data.length / x.data.length);
}

/** The last two axes swapped. */
export function swapped(x: NumberArray): Array64 {
  const order = x.shape.map((_, axis) => axis);
  order.splice(-2, 2, order.length - 1, order.length - 2);
  return transpose(x, order);
}

/** The product of matrices, either transposed first; all axes but the last are rows. */
export function multiplied(
  a: NumberArray,
  b: NumberArray,
  { transposeA = false, transposeB = false } = {},
): Array64 {
  const matrix = (x: NumberArray, transposed: boolean) => {
    const columns = x.shape[x.shape.length - 1];
    const rows = array64(x.data, [x.data.length / columns, columns]);
    return transposed ? swapped(rows) : rows;
  };
  const left = matrix(a, transposeA);
  const right = matrix(b, transposeB);
  const inner = left.shape[1];
  const columns = right.shape[1];
  const leading = transposeA ? [left.shape[0]] : a.shape.slice(0, -1);
  const shape = [...leading, columns];
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
    const row = Math.floor(i / columns);
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum += left.data[row * inner + k] * right.data[k * columns + i % columns];
    }
    return sum;
  });
  return { shape, data };
}

/** For each row of the last axis `-sum(labels * log(softmax(logits)))`. */
export function crossEntropy(logits: NumberArray, labels: NumberArray): Array64 {
  const classes = logits.shape[logits.shape.length - 1];
  const shape = logits.shape.slice(0, -1);
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, row) => {
    const at = Array.from({ length: classes }, (_, k) => row * classes + k);
    const largest = Math.max(...at.map((i) => logits.data[i]));
    const total = at.reduce((sum, i) => sum + Math.exp(logits.data[i] - largest), 0);
    const logSoftmax = (i: number) => logits.data[i] - largest - Math.log(total);
    return -at.reduce((sum, i) => {
      return labels.data[i] === 0 ? sum : sum + labels.data[i] * logSoftmax(i);
    }, 0);
  });
  return { shape, data };
}

/** Vectors along axes times what `factor` makes of their norms. */
export function rescaled(
  x: NumberArray,
  axes: readonly number[],
  factor: (norm: number) => number,
): Array64 {
  const squares = summed(each(x, (value) => value * value), axes);
  const kept = x.shape.map((extent, axis) => axes.includes(axis) ? 1 : extent);
  return combined(
    x,
    array64(squares.data, kept),
    (value, square) => value * factor(Math.sqrt(square)),
  );
}
