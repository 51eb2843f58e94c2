/**
 * The last step of every norm: `y = (x - mean) * scale + offset`, with the mean as the pair
 * (shift, delta), and an activation on top.
 */
import { at, type Cell, type Field, type Matrix, type Vector } from "./_coordinates.ts";

declare const ACTIVATION:
  | "none"
  | "relu"
  | "relu6"
  | "leakyRelu"
  | "elu"
  | "sigmoid"
  | "tanh"
  | "softplus"
  | "swish"
  | "gelu";
declare const PER_SAMPLE: boolean;
declare const PER_POSITION: boolean;
declare const SCALED: boolean;

/**
 * scale[n, c, s] = gamma[c, s] / sqrt(squares[n, c] / count + epsilon): what a deviation of the set
 * (n, c) is multiplied by in its s-th channel; 0 where there is no deviation to be multiplied.
 */
export function scale(
  this: Cell<never>,
  squares: Matrix,
  count: Vector,
  gamma: Matrix,
  epsilon: number,
): number {
  const variance = squares[this.cell.n][this.cell.c] / count[0] + epsilon;
  // The root of 1 / variance rounds less than 1 / root, whose result alone has a range wide enough.
  let factor = variance > 1e-30 ? Math.sqrt(1 / variance) : 1 / Math.sqrt(variance);
  if (variance === 0) {
    factor = 0;
  }
  return SCALED ? gamma[this.cell.c][this.cell.s] * factor : factor;
}

/** y[n, c, s]: statistics per channel or per sample and channel; gamma and beta inside or per position. */
export function normalize(
  this: Cell<never>,
  x: Field,
  shift: Matrix,
  delta: Matrix,
  scale: Matrix,
  beta: Matrix,
  gamma: Matrix,
): number {
  let y = at(x, this.cell.n, this.cell.c, this.cell.s) -
    shift[PER_SAMPLE ? this.cell.n : 0][this.cell.c];
  y = (y - delta[PER_SAMPLE ? this.cell.n : 0][this.cell.c]) *
    scale[PER_SAMPLE ? this.cell.n : 0][this.cell.c];
  if (PER_POSITION) {
    y = y * gamma[this.cell.c][this.cell.s] + beta[this.cell.c][this.cell.s];
  } else {
    y = y + beta[PER_SAMPLE ? this.cell.n : 0][this.cell.c];
  }
  if (ACTIVATION === "relu") {
    y = Math.max(y, 0);
  }
  if (ACTIVATION === "relu6") {
    y = Math.min(Math.max(y, 0), 6);
  }
  if (ACTIVATION === "leakyRelu") {
    y = Math.max(y, 0) + 0.2 * Math.min(y, 0);
  }
  if (ACTIVATION === "elu") {
    y = Math.max(y, 0) + (Math.exp(Math.min(y, 0)) - 1);
  }
  if (ACTIVATION === "sigmoid") {
    // exp of a positive number could overflow; the sign comes back by symmetry.
    const e = Math.exp(-Math.abs(y));
    y = (y > 0 ? 1 : e) / (1 + e);
  }
  if (ACTIVATION === "tanh") {
    const e = Math.exp(-2 * Math.abs(y));
    const t = (1 - e) / (1 + e);
    y = y > 0 ? t : -t;
  }
  if (ACTIVATION === "softplus") {
    y = Math.max(y, 0) + Math.log(1 + Math.exp(-Math.abs(y)));
  }
  if (ACTIVATION === "swish") {
    const e = Math.exp(-Math.abs(y));
    y = y * (y > 0 ? 1 : e) / (1 + e);
  }
  if (ACTIVATION === "gelu") {
    // erf by Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7.
    const z = Math.abs(y) * 0.7071067811865476;
    const t = 1 / (1 + 0.3275911 * z);
    const poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t +
      0.254829592) * t;
    const tail = 0.5 * poly * Math.exp(-z * z);
    y = y * (y > 0 ? 1 - tail : tail);
  }
  return y;
}
