/**
 * Sums over the positions of every sample and channel, in chunks of nested loops, so that no running
 * sum collects more than about the square root of their number.
 */
import { at, type Cell, type Field, type Matrix } from "./_coordinates.ts";

declare const FORMAT: "channelsLast" | "channelsFirst" | "flat";
declare const SCALED: boolean;

/**
 * sum[n, c, k]: the sum of x, or of gamma x, over chunk k. A chunk is a run of positions in
 * channelsLast and every `chunks`-th position in channelsFirst, so that cells side by side read side by
 * side. gamma is laid out like one sample of x.
 */
export function chunkSum(
  this: Cell<"positions" | "chunks" | "length" | "blocks" | "block">,
  x: Field,
  gamma: Matrix,
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
          part += (FORMAT === "channelsLast" ? gamma[s][this.cell.c] : gamma[this.cell.c][s]) *
            at(x, this.cell.n, this.cell.c, s);
        } else {
          part += at(x, this.cell.n, this.cell.c, s);
        }
      }
    }
    sum += part;
  }
  return sum;
}
