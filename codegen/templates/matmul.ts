/** Matrix products, for the layers and losses around the norms of a pipeline. */
import type { Cell, Matrix } from "./_coordinates.ts";

declare const TRANSPOSE_A: boolean;
declare const TRANSPOSE_B: boolean;

/**
 * y[s, c] = sum_k a[s, k] b[k, c], either matrix transposed if asked for. The sum is nested, so that no
 * running sum collects more than about the square root of its terms.
 */
export function matmul(
  this: Cell<"inner" | "blocks" | "block">,
  a: Matrix,
  b: Matrix,
): number {
  let sum = 0;
  for (let i = 0; i < this.constants.blocks; i++) {
    let part = 0;
    for (let j = 0; j < this.constants.block; j++) {
      const k = i * this.constants.block + j;
      if (k < this.constants.inner) {
        part += (TRANSPOSE_A ? a[k][this.cell.s] : a[this.cell.s][k]) *
          (TRANSPOSE_B ? b[this.cell.c][k] : b[k][this.cell.c]);
      }
    }
    sum += part;
  }
  return sum;
}
