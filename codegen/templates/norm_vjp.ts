/**
 * The vector-Jacobian product of every norm: what a cotangent dy of the result is to x, to gamma and
 * beta, and to what the statistics were taken with.
 *
 * With inverse = 1 / sqrt(variance + epsilon), deviation = x - mean, h = gamma dy, and sums and counts
 * over each statistics set, dx = inverse h - push - slope deviation, where push = inverse sum(h) / count
 * and slope = inverse^2 sum(h x-hat) / count with x-hat = inverse deviation.
 */
import { at, type Cell, type Field, type Matrix, type Vector } from "./_coordinates.ts";

declare const FORMAT: "channelsLast" | "channelsFirst" | "flat";
declare const PER_SAMPLE: boolean;
declare const PER_POSITION: boolean;
declare const ACTIVATION:
  | "relu"
  | "relu6"
  | "leakyRelu"
  | "elu"
  | "sigmoid"
  | "tanh"
  | "softplus"
  | "swish"
  | "gelu";

/** dot[n, c, k]: the sum of dy deviation over chunk k, in the chunks of chunkSum. */
export function chunkDot(
  this: Cell<"positions" | "chunks" | "length" | "blocks" | "block">,
  x: Field,
  shift: Matrix,
  delta: Matrix,
  dy: Field,
): number {
  let sum = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const step = b * this.constants.block + j;
      const s = FORMAT === "channelsLast"
        ? this.cell.s * this.constants.length + step
        : step * this.constants.chunks + this.cell.s;
      if (step < this.constants.length && s < this.constants.positions) {
        const shifted = at(x, this.cell.n, this.cell.c, s) - shift[this.cell.n][this.cell.c];
        part += (shifted - delta[this.cell.n][this.cell.c]) *
          at(dy, this.cell.n, this.cell.c, s);
      }
    }
    sum += part;
  }
  return sum;
}

/** dy[n, c, s] x-hat[n, c, s]: the share of one element in the cotangent of gamma. */
export function normShare(
  this: Cell<never>,
  x: Field,
  shift: Matrix,
  delta: Matrix,
  inverse: Matrix,
  dy: Field,
): number {
  const shifted = at(x, this.cell.n, this.cell.c, this.cell.s) - shift[this.cell.n][this.cell.c];
  return (shifted - delta[this.cell.n][this.cell.c]) * inverse[this.cell.n][this.cell.c] *
    at(dy, this.cell.n, this.cell.c, this.cell.s);
}

/**
 * The cotangent of x: `direct - slope (x - shift) - offset`, where direct is scale dy with scale =
 * gamma inverse, or gamma scale dy with a gamma for each position.
 */
export function normInput(
  this: Cell<never>,
  x: Field,
  shift: Matrix,
  dy: Field,
  scale: Matrix,
  gamma: Matrix,
  offset: Matrix,
  slope: Matrix,
): number {
  let direct = at(dy, this.cell.n, this.cell.c, this.cell.s) *
    scale[PER_SAMPLE ? this.cell.n : 0][this.cell.c];
  if (PER_POSITION) {
    direct = direct * gamma[this.cell.c][this.cell.s];
  }
  const shifted = at(x, this.cell.n, this.cell.c, this.cell.s) -
    shift[PER_SAMPLE ? this.cell.n : 0][this.cell.c];
  return direct - slope[PER_SAMPLE ? this.cell.n : 0][this.cell.c] * shifted -
    offset[PER_SAMPLE ? this.cell.n : 0][this.cell.c];
}

/** push = inverse sum(h) / count: what the mean takes back. */
export function normPush(this: Cell<never>, sum: Vector, inverse: Vector, count: Vector): number {
  return inverse[this.cell.c] * (sum[this.cell.c] / count[0]);
}

/** slope = inverse^2 sum(h x-hat) / count: what the variance takes back. */
export function normSlope(
  this: Cell<never>,
  share: Vector,
  inverse: Vector,
  count: Vector,
): number {
  // In this order nothing overflows that the result does not.
  return inverse[this.cell.c] * (inverse[this.cell.c] * (share[this.cell.c] / count[0]));
}

/** offset = push - slope delta: both at the shift, where x - shift is 0. */
export function normOffset(this: Cell<never>, push: Vector, slope: Vector, delta: Vector): number {
  return push[this.cell.c] - slope[this.cell.c] * delta[this.cell.c];
}

/**
 * The share of one channel in the cotangent of a sample's weight, from the moments of that sample's
 * `elements` elements: -push sum(deviation) - slope / 2 sum(deviation^2 - variance).
 */
export function normWeight(
  this: Cell<never>,
  deviation: Vector,
  squares: Vector,
  variance: Vector,
  push: Vector,
  slope: Vector,
  elements: number,
): number {
  const mean = deviation[this.cell.c];
  const spread = squares[this.cell.c] + elements * (mean * mean - variance[this.cell.c]);
  return -push[this.cell.c] * elements * mean - 0.5 * slope[this.cell.c] * spread;
}

/** dy f'(z) of an activation f; at a kink f' is the slope on the left. */
export function activationVjp(this: Cell<never>, z: Vector, dy: Vector): number {
  const v = z[this.cell.c];
  let slope = 1;
  if (ACTIVATION === "relu") {
    slope = v > 0 ? 1 : 0;
  }
  if (ACTIVATION === "relu6") {
    slope = v > 0 && v <= 6 ? 1 : 0;
  }
  if (ACTIVATION === "leakyRelu") {
    slope = v > 0 ? 1 : 0.2;
  }
  if (ACTIVATION === "elu") {
    slope = Math.exp(Math.min(v, 0));
  }
  if (ACTIVATION === "sigmoid") {
    // exp of a positive number could overflow; the slope is the same on both sides.
    const e = Math.exp(-Math.abs(v));
    slope = e / ((1 + e) * (1 + e));
  }
  if (ACTIVATION === "tanh") {
    const e = Math.exp(-2 * Math.abs(v));
    slope = 4 * e / ((1 + e) * (1 + e));
  }
  if (ACTIVATION === "softplus") {
    const e = Math.exp(-Math.abs(v));
    slope = (v > 0 ? 1 : e) / (1 + e);
  }
  if (ACTIVATION === "swish") {
    const e = Math.exp(-Math.abs(v));
    slope = ((v > 0 ? 1 : e) + v * e / (1 + e)) / (1 + e);
  }
  if (ACTIVATION === "gelu") {
    // The normal distribution, with erf by Abramowitz and Stegun 7.1.26, plus v times its density.
    const u = Math.abs(v) * 0.7071067811865476;
    const t = 1 / (1 + 0.3275911 * u);
    const poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t +
      0.254829592) * t;
    const bell = Math.exp(-u * u);
    const tail = 0.5 * poly * bell;
    slope = (v > 0 ? 1 - tail : tail) + v * 0.3989422804014327 * bell;
  }
  return slope * dy[this.cell.c];
}
