/**
 * Mean and sum of squared deviations over the positions of every sample and channel.
 *
 * A mean is carried as a pair: `shift`, an element of the set, and `delta`, the mean of what is left
 * when the shift is taken away. float32 then keeps all digits of the spread however far the data lie
 * from zero. Positions are summed in chunks, and chunks are merged by the rule of Chan, Golub and
 * LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979,
 * eq. 2.1. Loops over many terms are nested, so that no running sum collects more than about the
 * square root of their number.
 */
import { at, type Cell, type Field, type Matrix, type Vector } from "./_coordinates.ts";

declare const FORMAT: "channelsLast" | "channelsFirst" | "flat";
declare const WEIGHTED: boolean;

/** shift[n, c]: the first element of each set, subtracted before anything is summed. */
export function firstElement(this: Cell<never>, x: Field): number {
  return at(x, this.cell.n, this.cell.c, 0);
}

/** shift[n, c]: the element of the first position whose weight is not zero. */
export function firstWeighted(this: Cell<"positions">, x: Field, weights: Vector): number {
  let first = 0;
  for (let j = 1; j <= this.constants.positions; j++) {
    const s = this.constants.positions - j;
    if (weights[s] > 0) {
      first = at(x, this.cell.n, this.cell.c, s);
    }
  }
  return first;
}

/**
 * mean[n, c, k]: the mean of `x - shift` over chunk k. A chunk is a run of positions in channelsLast
 * and every `chunks`-th position in channelsFirst, so that cells side by side read side by side.
 */
export function chunkMean(
  this: Cell<"positions" | "chunks" | "length" | "blocks" | "block">,
  x: Field,
  shift: Matrix,
): number {
  let sum = 0;
  let count = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const step = b * this.constants.block + j;
      const s = FORMAT === "channelsLast"
        ? this.cell.s * this.constants.length + step
        : step * this.constants.chunks + this.cell.s;
      if (step < this.constants.length && s < this.constants.positions) {
        part += at(x, this.cell.n, this.cell.c, s) - shift[this.cell.n][this.cell.c];
        count += 1;
      }
    }
    sum += part;
  }
  return sum / count;
}

/** squares[n, c, k]: the sum over chunk k of the squared deviations from its own mean. */
export function chunkSquares(
  this: Cell<"positions" | "chunks" | "length" | "blocks" | "block">,
  x: Field,
  shift: Matrix,
  mean: Field,
): number {
  const center = at(mean, this.cell.n, this.cell.c, this.cell.s);
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
        part += (shifted - center) * (shifted - center);
      }
    }
    sum += part;
  }
  return sum;
}

/** delta[n, c]: the mean of the chunks' means, each counted as often as its chunk has positions. */
export function combineMean(
  this: Cell<"positions" | "chunks" | "length" | "blocks" | "block">,
  mean: Field,
): number {
  let sum = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const k = b * this.constants.block + j;
      if (k < this.constants.chunks) {
        // A chunk cut short by the end: the last run, or the interleaved ones beyond the remainder.
        let count = this.constants.length;
        if (FORMAT === "channelsLast") {
          count = Math.min(count, this.constants.positions - k * this.constants.length);
        } else if (
          k >= this.constants.positions - (this.constants.length - 1) * this.constants.chunks
        ) {
          count = this.constants.length - 1;
        }
        part += at(mean, this.cell.n, this.cell.c, k) * count;
      }
    }
    sum += part;
  }
  return sum / this.constants.positions;
}

/** squares[n, c]: Chan's merge of the chunks' squares about the mean of them all. */
export function combineSquares(
  this: Cell<"positions" | "chunks" | "length" | "blocks" | "block">,
  squares: Field,
  mean: Field,
  delta: Matrix,
): number {
  let sum = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const k = b * this.constants.block + j;
      if (k < this.constants.chunks) {
        let count = this.constants.length;
        if (FORMAT === "channelsLast") {
          count = Math.min(count, this.constants.positions - k * this.constants.length);
        } else if (
          k >= this.constants.positions - (this.constants.length - 1) * this.constants.chunks
        ) {
          count = this.constants.length - 1;
        }
        const away = at(mean, this.cell.n, this.cell.c, k) - delta[this.cell.n][this.cell.c];
        part += at(squares, this.cell.n, this.cell.c, k) + count * away * away;
      }
    }
    sum += part;
  }
  return sum;
}

/** delta[n, c]: the (weighted) mean of the sets at all positions, relative to `first`. */
export function mergeMean(
  this: Cell<"positions" | "blocks" | "block">,
  shift: Field,
  delta: Field,
  first: Matrix,
  weights: Vector,
): number {
  let sum = 0;
  let total = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    let count = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const s = b * this.constants.block + j;
      if (s < this.constants.positions) {
        const mean = at(shift, this.cell.n, this.cell.c, s) - first[this.cell.n][this.cell.c] +
          at(delta, this.cell.n, this.cell.c, s);
        if (WEIGHTED) {
          if (weights[s] > 0) {
            part += weights[s] * mean;
            count += weights[s];
          }
        } else {
          part += mean;
          count += 1;
        }
      }
    }
    sum += part;
    total += count;
  }
  return sum / total;
}

/** squares[n, c]: Chan's merge of the sets at all positions, each of `count` elements. */
export function mergeSquares(
  this: Cell<"positions" | "blocks" | "block">,
  squares: Field,
  shift: Field,
  delta: Field,
  first: Matrix,
  mean: Matrix,
  weights: Vector,
  count: number,
): number {
  let sum = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const s = b * this.constants.block + j;
      if (s < this.constants.positions) {
        const away = at(shift, this.cell.n, this.cell.c, s) - first[this.cell.n][this.cell.c] +
          at(delta, this.cell.n, this.cell.c, s) - mean[this.cell.n][this.cell.c];
        const set = at(squares, this.cell.n, this.cell.c, s) + count * away * away;
        if (WEIGHTED) {
          if (weights[s] > 0) {
            part += weights[s] * set;
          }
        } else {
          part += set;
        }
      }
    }
    sum += part;
  }
  return sum;
}

/** The squared deviations from the squares about zero, in one pass: cancels far from zero. */
export function uncenteredSquares(
  this: Cell<never>,
  squares: Vector,
  shift: Vector,
  delta: Vector,
  count: Vector,
): number {
  const mean = shift[this.cell.c] + delta[this.cell.c];
  return squares[this.cell.c] - count[0] * mean * mean;
}

/** The number of elements that a weighted set stands for: `perItem` times the sum of the weights. */
export function weightSum(
  this: Cell<"positions" | "blocks" | "block">,
  weights: Vector,
  perItem: number,
): number {
  let sum = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    for (let j = 0; j < this.constants.block; j++) {
      if (b * this.constants.block + j < this.constants.positions) {
        part += weights[b * this.constants.block + j];
      }
    }
    sum += part;
  }
  return sum * perItem;
}
