/** Element by element: what pipelines add to the norms, and what plans need between kernels. */
import type { Cell, Matrix, Vector } from "./_coordinates.ts";

/** a + b. */
export function add(this: Cell<never>, a: Vector, b: Vector): number {
  return a[this.cell.c] + b[this.cell.c];
}

/** a - b. */
export function subtract(this: Cell<never>, a: Vector, b: Vector): number {
  return a[this.cell.c] - b[this.cell.c];
}

/** a * b. */
export function multiply(this: Cell<never>, a: Vector, b: Vector): number {
  return a[this.cell.c] * b[this.cell.c];
}

/** a * factor + term, for one factor and one term. */
export function affine(this: Cell<never>, a: Vector, factor: number, term: number): number {
  return a[this.cell.c] * factor + term;
}

/** Repeats a value of each sample and channel at every position. */
export function spread(this: Cell<never>, a: Matrix): number {
  return a[this.cell.n][this.cell.c];
}
