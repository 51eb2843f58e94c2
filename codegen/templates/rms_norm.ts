/**
 * RMS norm: each position divided by the root of its mean square over the channels. Here a set is a row
 * (n, c) of a view and its elements are the positions s, so that gamma is indexed by s.
 *
 * With inverse = 1 / sqrt(mean(x^2) + epsilon), y = x inverse gamma. Of a cotangent dy with h = gamma dy:
 * dx = inverse h - slope x with slope = inverse^3 mean(h x), and dgamma the sums of dy x inverse.
 */
import { at, type Cell, type Field, type Matrix, type Vector } from "./_coordinates.ts";

declare const FORMAT: "channelsLast" | "channelsFirst" | "flat";
declare const SCALED: boolean;

/** y[n, c, s] = x inverse gamma. */
export function rmsOutput(
  this: Cell<never>,
  x: Field,
  inverse: Matrix,
  gamma: Vector,
): number {
  const normal = at(x, this.cell.n, this.cell.c, this.cell.s) * inverse[this.cell.n][this.cell.c];
  return SCALED ? normal * gamma[this.cell.s] : normal;
}

/** The sum of gamma dy x over chunk k, in the chunks of chunkSum; with x for dy that of x^2. */
export function chunkShare(
  this: Cell<"positions" | "chunks" | "length" | "blocks" | "block">,
  x: Field,
  dy: Field,
  gamma: Vector,
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
        if (SCALED) {
          part += at(x, this.cell.n, this.cell.c, s) * at(dy, this.cell.n, this.cell.c, s) *
            gamma[s];
        } else {
          part += at(x, this.cell.n, this.cell.c, s) * at(dy, this.cell.n, this.cell.c, s);
        }
      }
    }
    sum += part;
  }
  return sum;
}

/** slope = inverse^3 share / elements: what the mean square takes back of each element. */
export function rmsSlope(
  this: Cell<never>,
  share: Vector,
  inverse: Vector,
  elements: number,
): number {
  // In this order nothing overflows that the result does not.
  const i = inverse[this.cell.c];
  return i * (i * (i * (share[this.cell.c] / elements)));
}

/** The cotangent of x. */
export function rmsInput(
  this: Cell<never>,
  x: Field,
  dy: Field,
  inverse: Matrix,
  slope: Matrix,
  gamma: Vector,
): number {
  let direct = at(dy, this.cell.n, this.cell.c, this.cell.s) * inverse[this.cell.n][this.cell.c];
  if (SCALED) {
    direct = direct * gamma[this.cell.s];
  }
  return direct - slope[this.cell.n][this.cell.c] * at(x, this.cell.n, this.cell.c, this.cell.s);
}

/** dy x inverse: the share of one element in the cotangent of gamma. */
export function rmsGamma(
  this: Cell<never>,
  x: Field,
  dy: Field,
  inverse: Matrix,
): number {
  return at(dy, this.cell.n, this.cell.c, this.cell.s) *
    (at(x, this.cell.n, this.cell.c, this.cell.s) * inverse[this.cell.n][this.cell.c]);
}
