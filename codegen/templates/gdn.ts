/**
 * Generalized divisive normalization over channels, Balle, Laparra and Simoncelli, "Density modeling
 * of images using a generalized normalization transformation", 2016, eq. 4, in the parametrisation
 * of tensorflow_compression.
 */
import { at, type Cell, type Field, type Matrix, type Vector } from "./_coordinates.ts";

declare const INVERSE: boolean;
declare const POOL: "square" | "absolute" | "power";
declare const ROOT: "square" | "one" | "power";

/**
 * u = beta[c] + sum_j gamma[j, c] pool_j at one position, and y = x / u^epsilon, or x u^epsilon for
 * the inverse. `pool` is x itself, or |x|^alpha where alpha is neither 1 nor 2. An |x|^alpha beyond
 * float32 counts as its largest number: infinity times a gamma of 0 would be NaN.
 */
export function gdn(
  this: Cell<"channels">,
  x: Field,
  pool: Field,
  beta: Vector,
  gamma: Matrix,
  epsilon: number,
): number {
  let u = beta[this.cell.c];
  for (let j = 0; j < this.constants.channels; j++) {
    const v = at(pool, this.cell.n, j, this.cell.s);
    // By name, so that cells side by side of one channel read it once.
    const weight = gamma[j][this.cell.c];
    if (POOL === "square") {
      u += Math.min(v * v, 3.4028234663852886e38) * weight;
    } else if (POOL === "absolute") {
      u += Math.abs(v) * weight;
    } else {
      u += v * weight;
    }
  }
  if (ROOT === "square") {
    u = Math.sqrt(u);
  } else if (ROOT === "power") {
    u = Math.pow(u, epsilon);
  }
  return INVERSE
    ? at(x, this.cell.n, this.cell.c, this.cell.s) * u
    : at(x, this.cell.n, this.cell.c, this.cell.s) / u;
}

/** |x|^alpha, raised once for all the channels that pool it; the largest float32 if it is beyond. */
export function power(this: Cell<never>, x: Vector, alpha: number): number {
  return Math.min(Math.pow(Math.abs(x[this.cell.c]), alpha), 3.4028234663852886e38);
}

/** max(x, 0). */
export function rectify(this: Cell<never>, x: Vector): number {
  return Math.max(x[this.cell.c], 0);
}

/** The effective parameter of a stored one: max(stored, bound)^2 - pedestal. */
export function effective(
  this: Cell<never>,
  stored: Vector,
  bound: number,
  pedestal: number,
): number {
  const root = Math.max(stored[this.cell.c], bound);
  return root * root - pedestal;
}
