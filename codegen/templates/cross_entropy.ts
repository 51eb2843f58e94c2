/**
 * The cross entropy of rows of probabilities p and of the softmax of rows of logits z: with m the
 * largest logit of a row and total = sum_k exp(z_k - m), which cannot overflow,
 * loss = sum_k p_k (log total - (z_k - m)). A row is a channel here, its classes are the positions.
 */
import { at, type Cell, type Field, type Matrix } from "./_coordinates.ts";

/** The largest element of a row. */
export function largest(this: Cell<"positions">, x: Field): number {
  let most = at(x, this.cell.n, this.cell.c, 0);
  for (let s = 1; s < this.constants.positions; s++) {
    const v = at(x, this.cell.n, this.cell.c, s);
    most = v > most ? v : most;
  }
  return most;
}

/** The sum of exp(z - m) over a row. */
export function exponentials(
  this: Cell<"positions" | "blocks" | "block">,
  logits: Field,
  most: Matrix,
): number {
  let sum = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const s = b * this.constants.block + j;
      if (s < this.constants.positions) {
        part += Math.exp(at(logits, this.cell.n, this.cell.c, s) - most[this.cell.n][this.cell.c]);
      }
    }
    sum += part;
  }
  return sum;
}

/** The loss of a row. A class of probability 0 adds nothing, even if its logit is -Infinity. */
export function crossEntropy(
  this: Cell<"positions" | "blocks" | "block">,
  logits: Field,
  labels: Field,
  most: Matrix,
  total: Matrix,
): number {
  const scale = Math.log(total[this.cell.n][this.cell.c]);
  let sum = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const s = b * this.constants.block + j;
      if (s < this.constants.positions) {
        const label = at(labels, this.cell.n, this.cell.c, s);
        const above = at(logits, this.cell.n, this.cell.c, s) - most[this.cell.n][this.cell.c];
        part += label === 0 ? 0 : label * (scale - above);
      }
    }
    sum += part;
  }
  return sum;
}

/** The cotangent of the logits: dy (mass exp(z - m) / total - p), where mass is the sum of p. */
export function crossEntropyLogits(
  this: Cell<never>,
  logits: Field,
  labels: Field,
  most: Matrix,
  total: Matrix,
  mass: Matrix,
  dy: Matrix,
): number {
  const above = at(logits, this.cell.n, this.cell.c, this.cell.s) - most[this.cell.n][this.cell.c];
  const share = Math.exp(above) / total[this.cell.n][this.cell.c];
  return dy[this.cell.n][this.cell.c] *
    (mass[this.cell.n][this.cell.c] * share - at(labels, this.cell.n, this.cell.c, this.cell.s));
}

/** The cotangent of the labels: dy (log total - (z - m)). */
export function crossEntropyLabels(
  this: Cell<never>,
  logits: Field,
  most: Matrix,
  total: Matrix,
  dy: Matrix,
): number {
  const above = at(logits, this.cell.n, this.cell.c, this.cell.s) - most[this.cell.n][this.cell.c];
  return dy[this.cell.n][this.cell.c] * (Math.log(total[this.cell.n][this.cell.c]) - above);
}
