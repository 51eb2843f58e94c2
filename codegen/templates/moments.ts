/**
 * Mean and sum of squared deviations over the positions of every sample and channel.
 *
 * A mean is carried as a pair: `shift`, an element of the set, and `delta`, the mean of what is left
 * when the shift is taken away. float32 then keeps all digits of the spread however far the data lie
 * from zero. Squares are taken about the shift too, which is near the mean. Positions are summed in
 * chunks; loops over many terms are nested, so that no running sum collects more than about the square
 * root of their number, and what an inner loop computes depends on no other turn of the outer one, so
 * that threads can share those out. Sets are merged by the rule of Chan, Golub and LeVeque, "Updating
 * formulae and a pairwise algorithm for computing sample variances", 1979, eq. 2.1.
 *
 * One far element may outweigh the sum of all others by so much that each of them alone would be
 * rounded off. Where that costs little, what the rounding of an addition takes away is therefore summed
 * beside the sum (Knuth, "The Art of Computer Programming", volume 2, 4.2.2, theorem B).
 */
import { at, type Cell, type Field, type Matrix, type Vector } from "./_coordinates.ts";

declare const FORMAT: "channelsLast" | "channelsFirst" | "flat";
declare const WEIGHTED: boolean;

/**
 * sum[n, c, k]: the sum of `x - shift` over chunk k. A chunk is a run of positions in channelsLast and
 * every `chunks`-th position in channelsFirst, so that cells side by side read side by side.
 */
export function chunkDeviations(
  this: Cell<"positions" | "chunks" | "length" | "blocks" | "block">,
  x: Field,
  shift: Matrix,
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
        part += at(x, this.cell.n, this.cell.c, s) - shift[this.cell.n][this.cell.c];
      }
    }
    sum += part;
  }
  return sum;
}

/**
 * squares[n, c, k]: the sum over chunk k of the squares of `x - shift`. Next to the square of one far
 * element those of the others are rounded off: what each addition of a block takes away is summed.
 */
export function chunkSquares(
  this: Cell<"positions" | "chunks" | "length" | "blocks" | "block">,
  x: Field,
  shift: Matrix,
): number {
  let sum = 0;
  let rest = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const step = b * this.constants.block + j;
      const s = FORMAT === "channelsLast"
        ? this.cell.s * this.constants.length + step
        : step * this.constants.chunks + this.cell.s;
      if (step < this.constants.length && s < this.constants.positions) {
        const away = at(x, this.cell.n, this.cell.c, s) - shift[this.cell.n][this.cell.c];
        part += away * away;
      }
    }
    const total = sum + part;
    const risen = total - sum;
    rest += sum - (total - risen) + (part - risen);
    sum = total;
  }
  // An infinite sum has a rest that is no number.
  return sum <= 3.4028234663852886e38 ? sum + rest : sum;
}

/** sum[n, c]: the sum over all positions, with what the rounding of each addition takes away. */
export function compensatedSum(this: Cell<"positions" | "blocks" | "block">, terms: Field): number {
  let sum = 0;
  let rest = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    let lost = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const s = b * this.constants.block + j;
      if (s < this.constants.positions) {
        const term = at(terms, this.cell.n, this.cell.c, s);
        const next = part + term;
        const added = next - part;
        lost += part - (next - added) + (term - added);
        part = next;
      }
    }
    const total = sum + part;
    const risen = total - sum;
    rest += lost + (sum - (total - risen) + (part - risen));
    sum = total;
  }
  // An infinite sum has a rest that is no number.
  return Math.abs(sum) <= 3.4028234663852886e38 ? sum + rest : sum;
}

/** The mean of what is left of a set when its shift is taken away. */
export function deltaOf(this: Cell<never>, sum: Vector, count: number): number {
  return sum[this.cell.c] / count;
}

/** The squared deviations from the mean from those about the shift; infinite ones stay infinite. */
export function centeredSquares(
  this: Cell<never>,
  squares: Vector,
  delta: Vector,
  count: number,
): number {
  const about = squares[this.cell.c];
  const centered = about - count * delta[this.cell.c] * delta[this.cell.c];
  return about <= 3.4028234663852886e38 ? Math.max(centered, 0) : about;
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
  let rest = 0;
  for (let b = 0; b < this.constants.blocks; b++) {
    let part = 0;
    let lost = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const s = b * this.constants.block + j;
      if (s < this.constants.positions) {
        const away = at(shift, this.cell.n, this.cell.c, s) - first[this.cell.n][this.cell.c] +
          at(delta, this.cell.n, this.cell.c, s) - mean[this.cell.n][this.cell.c];
        const set = at(squares, this.cell.n, this.cell.c, s) + count * away * away;
        let term = set;
        if (WEIGHTED) {
          term = weights[s] > 0 ? weights[s] * set : 0;
        }
        const next = part + term;
        const added = next - part;
        lost += part - (next - added) + (term - added);
        part = next;
      }
    }
    const total = sum + part;
    const risen = total - sum;
    rest += lost + (sum - (total - risen) + (part - risen));
    sum = total;
  }
  return sum <= 3.4028234663852886e38 ? sum + rest : sum;
}

/** What a mean that is rounded to float32 leaves of the pair (shift, delta). */
export function lowOfMean(this: Cell<never>, shift: Vector, delta: Vector, mean: Vector): number {
  return shift[this.cell.c] - mean[this.cell.c] + delta[this.cell.c];
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
