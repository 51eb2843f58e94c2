/**
 * Orthogonal matrices, from which the layers of a codec start. They are applied from the right.
 *
 * @module
 */
import { type Tensor, tensor } from "../../mod.ts";
import type { Random } from "../shared/random.ts";

/** The cosine transform (DCT-II) of squares of `side` x `side` points, whose frequencies are columns. */
export function cosines(side: number): Tensor {
  const wave = (frequency: number, at: number) =>
    Math.sqrt((frequency === 0 ? 1 : 2) / side) *
    Math.cos(Math.PI * frequency * (at + 0.5) / side);
  const points = side * side;
  const data = Float32Array.from({ length: points * points }, (_, k) => {
    const point = Math.floor(k / points);
    const frequency = k % points;
    return wave(frequency % side, point % side) *
      wave(Math.floor(frequency / side), Math.floor(point / side));
  });
  return tensor(data, [points, points]);
}

/** Normal numbers, made orthonormal one column after the other. */
export function orthogonal(n: number, random: Random): Tensor {
  const columns: Float64Array[] = [];
  for (let c = 0; c < n; c++) {
    const column = Float64Array.from({ length: n }, () => random.normal());
    for (const other of columns) {
      const along = column.reduce((sum, value, i) => sum + value * other[i], 0);
      other.forEach((value, i) => column[i] -= along * value);
    }
    const norm = Math.hypot(...column);
    columns.push(column.map((value) => value / norm));
  }
  const data = Float32Array.from({ length: n * n }, (_, k) => columns[k % n][Math.floor(k / n)]);
  return tensor(data, [n, n]);
}

/** The matrix that changes nothing. */
export function unit(n: number): Tensor {
  return tensor(Float32Array.from({ length: n * n }, (_, k) => k % (n + 1) === 0 ? 1 : 0), [n, n]);
}

/** The matrix turned over, which undoes an orthogonal one. */
export function turned({ data, shape: [rows, columns] }: Tensor): Tensor {
  const out = data.map((_, k) => data[(k % rows) * columns + Math.floor(k / rows)]);
  return tensor(out, [columns, rows]);
}
